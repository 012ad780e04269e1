#pragma once
// In which order elements come out of a queue: of those that were put in once and came out once.

#include <vector>

#include "checker/domain/queue_calls.h"

namespace sunder::domain {

class QueueOrderChecker : public QueueChecker {
 protected:
  /// One element with its enqueue and its delivery.
  struct Item {
    std::size_t place = 0;
    std::uint32_t begun = 0;                // its enqueue
    std::uint32_t acknowledged = open_end;  // of its enqueue
    std::uint32_t out_begin = open_end;     // invocation of what took it; open_end: it stayed
    std::uint32_t out_end = open_end;       // completion of that
    std::uint32_t take = UINT32_MAX;        // that call
    std::uint32_t index = 0;                // in its drain
    std::int64_t rank = 0;                  // for orders by value
  };

  void judge(Calls calls, Findings& findings) override;
  /// Compares the items, which came out by different calls.
  virtual void judge_items(Findings& findings) = 0;
  /// Compares what one drain took, in its order.
  virtual void judge_drain(std::span<const std::uint32_t> items, Findings& findings) = 0;

  /// `early` came out before `late`, against the order of the queue because of `why`.
  Story inversion(const Item& early, const Item& late, const std::string& why) const;

  std::vector<Item> items_;  // in order of invocation of their enqueues

 private:
  void judge_drains(Findings& findings);
};

}  // namespace sunder::domain
