#pragma once
// A walk over the returns of a history that lets calls happen only when they must.

#include <queue>
#include <span>
#include <vector>

#include "checker/linearizable/call.h"
#include "checker/linearizable/monitors/radix.h"

namespace sunder::linearizable {

/// Calls that are interchangeable but for their intervals, while they are pending. Of two, the one
/// that returns first is the better one to happen now: exchanging them spoils no linearization.
class Pending {
 public:
  void add(std::uint32_t operation, std::uint32_t returned) { calls_.push({returned, operation}); }
  /// The one that returns first and did not happen; false when there is none.
  bool take(const std::vector<bool>& happened, std::uint32_t& operation) {
    for (; !calls_.empty(); calls_.pop()) {
      operation = calls_.top().index;
      if (!happened[operation]) return true;
    }
    return false;
  }

 private:
  struct Later {
    bool operator()(const Keyed& a, const Keyed& b) const { return a.key > b.key; }
  };
  std::priority_queue<Keyed, std::vector<Keyed>, Later> calls_;
};

/// Calls call(i) and ended(i) for the operations in the order of the history, until one is false.
template <class Called, class Ended>
bool walk(std::span<const Operation> operations, Called called, Ended ended) {
  std::vector<Keyed> returns;
  for (std::uint32_t i = 0; i < operations.size(); ++i) {
    if (!operations[i].crashed()) returns.push_back({operations[i].returned, i});
  }
  sort_by_key(returns);
  std::size_t next = 0;
  for (std::uint32_t i = 0; i < operations.size(); ++i) {
    for (; next < returns.size() && returns[next].key < operations[i].invoked; ++next) {
      if (!ended(returns[next].index)) return false;
    }
    called(i);
  }
  for (; next < returns.size(); ++next) {
    if (!ended(returns[next].index)) return false;
  }
  return true;
}

}  // namespace sunder::linearizable
