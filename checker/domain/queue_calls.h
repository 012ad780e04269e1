#pragma once
// Elements that are put into a queue and come out, as the checks of queues share them.

#include <vector>

#include "checker/domain/domain_checker.h"

namespace sunder::domain {

class QueueChecker : public DomainChecker {
 protected:
  Reading begin_call(std::size_t at, std::string_view verb, ValueView arguments) override;
  Reading end_call(std::size_t at, ValueView answer, std::string_view error) override;
  std::string expects() const override;

  enum class Kind : std::uint8_t {
    enqueue,
    dequeue,
    drain,  // takes until nothing is left
  };

  /// One element that came out of the queue, by a call that ended ok.
  struct Delivery {
    std::uint32_t call = 0;
    std::uint32_t index = 0;  // among what the same drain took, in its order
  };

  /// One element of a key: its enqueues and its deliveries are rows of the vectors below.
  struct Element {
    std::uint32_t attempts = 0;      // enqueues that may have happened
    std::uint32_t acknowledged = 0;  // enqueues that did
    std::uint32_t delivered = 0;
    std::uint32_t maybe = 0;             // came out by calls whose outcome nobody knows
    std::uint32_t enqueue = UINT32_MAX;  // the first that may have happened, else one that failed
  };

  /// Fills the vectors below from the calls of one key.
  void collect(Calls calls);
  /// Counts what was delivered without having been enqueued, too early, or too often.
  void judge_deliveries(Findings& findings, bool duplicates_allowed);

  std::span<const std::uint32_t> enqueues(std::size_t place) const {
    return {enqueues_.data() + first_enqueue_[place], elements_[place].attempts};
  }
  std::span<const Delivery> deliveries(std::size_t place) const {
    return {deliveries_.data() + first_delivery_[place], elements_[place].delivered};
  }

  /// A dequeue that failed with the error "empty", or without one, found nothing.
  void let_failed_takes_tell() { failed_takes_tell_ = true; }

  Kind kind(std::size_t at) const { return kind_[at]; }
  bool found_nothing(std::size_t at) const { return found_nothing_[at] != 0; }
  Value value(std::size_t place) const;
  std::string text(std::size_t place) const;
  std::string enqueue_text(std::size_t place) const;  // "process 1's enqueue of 5 (op 3)"
  std::string take_text(std::uint32_t at) const;      // "process 1's dequeue (op 3)"
  Map detail_of(std::size_t place) const;

  std::vector<Element> elements_;
  std::vector<std::uint32_t> crashed_takes_;  // that may have taken nobody knows what
  bool crashed_drain_ = false;                // one of these is a drain, which takes any number
  std::vector<std::uint32_t> empties_;        // calls that found or left the queue empty

 private:
  void collect_call(std::uint32_t at);
  Story tell_unexpected(std::size_t place, std::uint32_t take) const;
  Story tell_duplicate(std::size_t place, std::uint32_t before, std::uint32_t take) const;
  void lay_out(Calls calls);

  Ids ids_;
  LocalIds local_;
  std::vector<Kind> kind_;
  std::vector<std::uint8_t> found_nothing_;
  std::vector<std::int32_t> element_;  // by call: what was enqueued, or asked for
  std::vector<std::size_t> first_;     // by call: where in pool_ what it took begins
  std::vector<std::uint32_t> size_;
  std::vector<std::int32_t> pool_;
  std::vector<std::size_t> first_enqueue_, first_delivery_;
  std::vector<std::uint32_t> enqueues_;
  std::vector<Delivery> deliveries_;
  bool failed_takes_tell_ = false;
};

/// The datatypes that are queues.
inline constexpr const char* queue_datatypes[] = {"unordered-queue", "fifo-queue",
                                                  "priority-queue"};

}  // namespace sunder::domain
