// Counters to which only one number is added.
//
// An add happens only when it returns, or when a read returns that saw a later number; reads happen
// as soon as the counter stands at what they saw. Nothing is gained by letting more adds happen, as
// they can still do so later.

#include <unordered_map>

#include "checker/linearizable/monitors/lazy.h"
#include "checker/linearizable/monitors/monitors.h"
#include "checker/linearizable/verbs.h"

namespace sunder::linearizable {
namespace {

class Counting {
 public:
  Counting(std::span<const Operation> operations, std::int64_t initial)
      : operations_(operations), initial_(initial), happened_(operations.size()) {}

  Decision run() {
    if (!collect()) return {};
    bool all = walk(
        operations_, [&](std::uint32_t i) { called(i); },
        [&](std::uint32_t i) { return happened_[i] || force(i); });
    if (!all) return {};
    return {.outcome = Decision::Outcome::linearizable, .order = std::move(order_)};
  }

 private:
  bool is_read(std::uint32_t i) const { return operations_[i].call.verb == counter_verb::read; }
  /// How many adds make the counter what a read saw.
  std::int64_t wanted(std::uint32_t i) const {
    return delta_ == 0 ? 0 : (operations_[i].call.output - initial_) / delta_;
  }

  /// False when different numbers are added, or no number of adds makes what some read saw.
  bool collect() {
    std::int64_t adds = 0;
    for (const Operation& operation : operations_) {
      if (operation.call.verb != counter_verb::add) continue;
      if (operation.call.input == 0 || (delta_ != 0 && operation.call.input != delta_))
        return false;
      delta_ = operation.call.input;
      ++adds;
    }
    for (std::uint32_t i = 0; i < operations_.size(); ++i) {
      if (!is_read(i) || operations_[i].crashed()) continue;
      std::int64_t count = wanted(i);
      if (count < 0 || count > adds || initial_ + count * delta_ != operations_[i].call.output) {
        return false;
      }
    }
    return true;
  }

  void called(std::uint32_t i) {
    if (!is_read(i)) {
      adds_.add(i, operations_[i].returned);
    } else if (operations_[i].crashed()) {
      happened_[i] = true;
    } else if (wanted(i) == count_) {
      happen(i);
    } else {
      reads_[wanted(i)].push_back(i);
    }
  }

  void happen(std::uint32_t i) {
    happened_[i] = true;
    order_.push_back(i);
  }

  bool force(std::uint32_t i) {
    if (!is_read(i)) {
      add(i);
      return true;
    }
    std::uint32_t first = 0;
    while (count_ < wanted(i) && adds_.take(happened_, first)) add(first);
    return happened_[i];
  }

  void add(std::uint32_t i) {
    happen(i);
    ++count_;
    auto reads = reads_.find(count_);
    if (reads == reads_.end()) return;
    for (std::uint32_t read : reads->second) {
      if (!happened_[read]) happen(read);
    }
    reads_.erase(reads);
  }

  std::span<const Operation> operations_;
  std::int64_t initial_;
  std::int64_t delta_ = 0;
  std::int64_t count_ = 0;  // adds that happened
  Pending adds_;
  std::unordered_map<std::int64_t, std::vector<std::uint32_t>> reads_;  // by wanted(); looked up
  std::vector<bool> happened_;
  std::vector<std::uint32_t> order_;
};

}  // namespace

Decision counter_monitor(std::span<const Operation> operations, std::int64_t initial) {
  return Counting(operations, initial).run();
}

}  // namespace sunder::linearizable
