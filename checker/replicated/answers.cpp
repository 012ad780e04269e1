#include "checker/replicated/answers.h"

#include <algorithm>
#include <numeric>

#include "checker/replicated/states.h"

namespace sunder::replicated {
namespace {

constexpr std::size_t explained_limit = 20;  // wrong answers, each explained from the beginning
constexpr std::size_t chains_limit = 16;     // growing sets at a time

/// A set of updates that grows from reply to reply.
struct Chain {
  Context taken;
  std::uint64_t total = 0;
  std::unique_ptr<State> state;
};

bool within(const Context& a, const Context& b) {
  for (std::size_t r = 0; r < a.size(); ++r) {
    if (a[r] > b[r]) return false;
  }
  return true;
}

class Walk {
 public:
  Walk(const Object& object, const Updates& updates) : object_(object), updates_(updates) {}

  /// Contexts must come with growing totals.
  bool agrees(const Event& reply, const Context& context, std::uint64_t total) {
    Chain& chain = chain_for(context);
    for (std::uint32_t r = 0; r < context.size(); ++r) {
      while (chain.taken[r] < context[r]) {
        chain.state->add(*updates_.at({r, ++chain.taken[r]}));
        ++steps_;
      }
    }
    chain.total = total;
    return chain.state->agrees(reply);
  }
  std::uint64_t steps() const { return steps_; }

 private:
  // The fullest chain that the context contains. Without one a new chain begins, in the place of
  // the one that is farthest behind when there are many.
  Chain& chain_for(const Context& context) {
    Chain* best = nullptr;
    Chain* last = nullptr;
    for (Chain& chain : chains_) {
      if (last == nullptr || chain.total < last->total) last = &chain;
      if ((best == nullptr || chain.total > best->total) && within(chain.taken, context)) {
        best = &chain;
      }
    }
    if (best != nullptr) return *best;
    if (chains_.size() < chains_limit) last = &chains_.emplace_back();
    last->taken.assign(object_.replica_count(), 0);
    last->state = empty_state(object_, updates_);
    return *last;
  }

  const Object& object_;
  const Updates& updates_;
  std::vector<Chain> chains_;
  std::uint64_t steps_ = 0;
};

}  // namespace

Answers check_answers(const Object& object, const Updates& updates, const Budget& budget,
                      Findings& findings) {
  Answers result;
  struct Reply {
    std::uint64_t total = 0;
    std::uint32_t event = 0;
  };
  std::vector<Reply> replies;
  Context context;
  for (std::uint32_t i = 0; i < object.events.size(); ++i) {
    const Event& event = object.events[i];
    if (!event.answered || !event.witnessed) continue;
    updates.context_of(event, true, context);
    bool open = false;
    for (std::size_t r = 0; r < context.size(); ++r) open |= context[r] > updates.known(r);
    if (open) {
      result.open.push_back(i);
    } else {
      replies.push_back({std::accumulate(context.begin(), context.end(), std::uint64_t{0}), i});
    }
  }
  std::stable_sort(replies.begin(), replies.end(),
                   [](const Reply& a, const Reply& b) { return a.total < b.total; });
  Walk walk(object, updates);
  std::size_t wrong = 0;
  std::uint64_t asked = 0;  // steps when the budget was asked last
  for (const Reply& reply : replies) {
    const Event& event = object.events[reply.event];
    updates.context_of(event, true, context);
    if (!walk.agrees(event, context, reply.total) && wrong++ < explained_limit) {
      explain_answer(object, updates, event, findings);
    }
    ++result.judged;
    if (walk.steps() + result.judged < asked + 10'000) continue;
    asked = walk.steps() + result.judged;
    if ((result.over_budget = budget.over(0))) return result;
  }
  return result;
}

}  // namespace sunder::replicated
