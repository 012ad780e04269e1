#include "tests/checker/support/distinct_history.h"

#include <deque>
#include <queue>
#include <set>

#include "checker/linearizable/verbs.h"
#include "harness/core/rng.h"

namespace sunder::testing_support {
namespace {

using linearizable::Call;
using linearizable::Operation;
using linearizable::Operations;
namespace container = linearizable::container_verb;
namespace set_verb = linearizable::set_verb;
namespace register_verb = linearizable::register_verb;

/// The thing itself: does calls, one after the other.
class Things {
 public:
  explicit Things(Thing thing) : thing_(thing) {}

  Call begin(Rng& rng) {
    if (thing_ == Thing::set) return begin_set(rng);
    if (rng.chance({1, 2})) return {.verb = put_verb(), .input = ++last_};
    if (thing_ == Thing::cell) return {.verb = register_verb::read};
    bool numbers = thing_ == Thing::priority_queue;
    return {.verb = container::take, .output = numbers ? container::unknown_integer : 0};
  }

  /// Of what puts a value there.
  std::uint32_t put_verb() const {
    if (thing_ == Thing::set) return set_verb::add_any;
    if (thing_ == Thing::cell) return register_verb::write;
    return container::add;
  }

  void apply(Call& call) {
    switch (thing_) {
      case Thing::set: return apply_set(call);
      case Thing::cell: return apply_cell(call);
      default: break;
    }
    if (call.verb == container::add) {
      thing_ == Thing::priority_queue ? sorted_.push(call.input) : inside_.push_back(call.input);
    } else if (inside_.empty() && sorted_.empty()) {
      call = {.verb = container::take_empty};
    } else {
      call.output = next();
    }
  }

 private:
  Call begin_set(Rng& rng) {
    std::uint64_t kind = rng.below(3);
    if (kind == 0 || last_ == 0) return {.verb = set_verb::add_any, .input = ++last_};
    if (kind == 1 && removed_ < last_) return {.verb = set_verb::remove_any, .input = ++removed_};
    auto recent = static_cast<std::uint64_t>(std::min(last_, 20));
    return {.verb = set_verb::contains,
            .input = last_ - static_cast<std::int32_t>(rng.below(recent))};
  }

  void apply_set(Call& call) {
    bool present = members_.contains(call.input);
    if (call.verb == set_verb::add_any) {
      members_.insert(call.input);
      call.verb = present ? set_verb::add_present : set_verb::add;
    } else if (call.verb == set_verb::remove_any) {
      members_.erase(call.input);
      call.verb = present ? set_verb::remove : set_verb::remove_absent;
    } else {
      call.verb = present ? set_verb::contains : set_verb::absent;
    }
  }

  void apply_cell(Call& call) {
    if (call.verb == register_verb::write) {
      held_ = call.input;
    } else {
      call.output = held_;
    }
  }

  std::int32_t next() {
    std::int32_t value = 0;
    if (thing_ == Thing::priority_queue) {
      value = sorted_.top();
      sorted_.pop();
    } else if (thing_ == Thing::stack) {
      value = inside_.back();
      inside_.pop_back();
    } else {
      value = inside_.front();
      inside_.pop_front();
    }
    return value;
  }

  Thing thing_;
  std::int32_t last_ = 0;
  std::int32_t removed_ = 0;
  std::int32_t held_ = 0;
  std::deque<std::int32_t> inside_;
  std::priority_queue<std::int32_t, std::vector<std::int32_t>, std::greater<>> sorted_;
  std::set<std::int32_t> members_;
};

}  // namespace

Operations distinct_history(const DistinctHistory& wanted) {
  struct Thread {
    std::uint32_t operation = 0;
    bool busy = false;
    bool applied = false;
  };
  Rng rng(wanted.seed, Stream::of("distinct-history"));
  Things things(wanted.thing);
  Operations operations;
  operations.reserve(wanted.operations);
  std::vector<Thread> threads(wanted.processes);
  std::vector<Call> ghosts;  // crashed before their effect
  std::uint32_t position = 0;
  std::size_t busy = 0;
  auto crash = [&](Thread& thread) {
    Operation& operation = operations[thread.operation];
    Call call = operation.call;
    if (rng.chance({1, 2})) ghosts.push_back(call);
    thread.busy = false;
    --busy;
  };
  while (operations.size() < wanted.operations || busy > 0) {
    if (!ghosts.empty() && rng.chance({1, 10})) {
      std::size_t at = rng.below(ghosts.size());
      things.apply(ghosts[at]);
      ghosts.erase(ghosts.begin() + static_cast<std::ptrdiff_t>(at));
    }
    Thread& thread = threads[rng.below(threads.size())];
    if (!thread.busy) {
      if (operations.size() == wanted.operations) continue;
      thread = {static_cast<std::uint32_t>(operations.size()), true, false};
      operations.push_back({.call = things.begin(rng), .invoked = position++});
      ++busy;
      std::uint32_t chance = operations.back().call.verb == things.put_verb()
                                 ? wanted.add_crash_per_mille
                                 : wanted.take_crash_per_mille;
      if (rng.chance({chance, 1000})) crash(thread);
    } else if (!thread.applied) {
      things.apply(operations[thread.operation].call);
      thread.applied = true;
    } else {
      operations[thread.operation].returned = position++;
      thread.busy = false;
      --busy;
    }
  }
  return operations;
}

}  // namespace sunder::testing_support
