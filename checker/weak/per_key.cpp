// Cache and slow consistency: each key by itself. The operations on a key fall into blocks, a write
// and the reads of its value, which stand together in every legal order.

#include <algorithm>
#include <numeric>

#include "checker/weak/circle.h"
#include "checker/weak/decide.h"

namespace sunder::weak {
namespace {

Index block_of(const Registers& registers, Index at) {
  return registers[at].is_write() ? at : registers[at].source;
}

/// Calls visit(first, last) for the operations of each session on each key, in session order.
template <class Visit>
void each_session_on_key(const Registers& registers, Visit visit) {
  std::vector<Index> begin(static_cast<std::size_t>(registers.keys) + 1);
  for (const Operation& op : registers.operations) ++begin[static_cast<std::size_t>(op.key) + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  std::vector<Index> order(registers.size());
  for (Index i = 0; i < registers.size(); ++i) {
    order[begin[static_cast<std::size_t>(registers[i].key)]++] = i;
  }
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first + 1;
    auto together = [&](Index a, Index b) {
      return registers[a].key == registers[b].key && registers[a].session == registers[b].session;
    };
    while (last < order.size() && together(order[first], order[last])) ++last;
    if (!visit(std::span<const Index>(order).subspan(first, last - first))) return;
    first = last;
  }
}

Finding unfinished() {
  return {.outcome = Outcome::unknown, .reason = "Not all keys were judged within the budget."};
}

Finding refuted(const Registers& registers, std::vector<Constraint> circle) {
  Finding finding{.outcome = Outcome::refuted};
  for (const Constraint& constraint : circle) {
    for (Index at : {constraint.before, constraint.after, constraint.because}) {
      finding.core.push_back(at);
    }
  }
  finding.core = closed(registers, std::move(finding.core));
  finding.circle = std::move(circle);
  return finding;
}

/// A step of a session from one block to another: session order between two of their operations.
struct Step {
  Index from = initial;  // a block
  Index to = initial;
  Constraint order;  // what makes it
};

/// Why the write of one block comes before the write of the next.
void tell(const Registers& registers, const Step& step, std::vector<Constraint>& told) {
  Index later = step.order.after;
  if (registers[later].is_read()) {
    told.push_back({step.from, step.to, Why::overwritten, later});
    return;
  }
  Index earlier = step.order.before;
  if (earlier != step.from) told.push_back({step.from, earlier, Why::reads_from});
  told.push_back({earlier, later, Why::session});
}

// Blocks are judged as a graph of their own: the blocks' writes are its operations.
Finding circle_of_blocks(const Registers& registers, const std::vector<Step>& steps) {
  std::vector<Constraint> between;
  for (std::uint32_t i = 0; i < steps.size(); ++i) {
    between.push_back({steps[i].from, steps[i].to, Why::session, i});
  }
  auto circle = find_circle(registers, between, {.causal = false});
  if (!circle) return {};
  std::vector<Constraint> told;
  std::vector<Index> core;
  for (const Constraint& one : *circle) {
    const Step& step = steps[one.because];
    tell(registers, step, told);
    core.push_back(step.order.before);  // shows that what was read later had to come later
  }
  Finding finding = refuted(registers, std::move(told));
  finding.core.insert(finding.core.end(), core.begin(), core.end());
  finding.core = closed(registers, std::move(finding.core));
  return finding;
}

}  // namespace

Finding decide_cache(const Registers& registers, const Limits& limits) {
  std::vector<Step> steps;
  Finding finding;
  each_session_on_key(registers, [&](std::span<const Index> operations) {
    if (limits.over()) finding = unfinished();
    for (std::size_t i = 1; i < operations.size() && finding.outcome == Outcome::holds; ++i) {
      Constraint order{operations[i - 1], operations[i]};
      Index from = block_of(registers, order.before);
      Index to = block_of(registers, order.after);
      bool reads_its_future = from == to && registers[order.after].is_write();
      if (reads_its_future || (to == initial && from != initial)) {
        finding = refuted(registers, {order});
        finding.circle.clear();
        finding.reason = reads_its_future
                             ? "A session read a value before it wrote it."
                             : "A session found the initial value after a write of the key.";
      } else if (from != to && from != initial) {
        steps.push_back({from, to, order});
      }
    }
    return finding.outcome == Outcome::holds;
  });
  return finding.outcome == Outcome::holds ? circle_of_blocks(registers, steps) : finding;
}

namespace {

/// The blocks of one key that a session comes by. It may neither come back to a block nor go to an
/// earlier one of a session: then its steps and that session's order make a circle.
class Passage {
 public:
  explicit Passage(const Registers& registers)
      : registers_(registers),
        round_of_(registers.sessions(), 0),
        last_of_(registers.sessions(), initial),
        at_(registers.sessions(), initial) {}

  void begin() {
    ++round_;
    now_ = before_ = initial;
    any_ = false;
  }

  /// The operation that came by a block after which this one is not allowed; `initial` when it is.
  Index go(Index operation) {
    Index block = block_of(registers_, operation);
    if (block == operation && any_ && now_ == block) return before_;  // its value was read already
    if (any_ && block == now_) {
      before_ = operation;
      return initial;
    }
    Index earlier = initial;
    if (block == initial) {
      if (any_) earlier = before_;
    } else {
      std::uint32_t writer = registers_[block].session;
      if (round_of_[writer] == round_ && last_of_[writer] >= block) earlier = at_[writer];
      round_of_[writer] = round_;
      last_of_[writer] = block;
      at_[writer] = operation;
    }
    now_ = block;
    before_ = operation;
    any_ = true;
    return earlier;
  }

 private:
  const Registers& registers_;
  std::uint32_t round_ = 0;
  std::vector<std::uint32_t> round_of_;  // by session: when the two below were set
  std::vector<Index> last_of_;           // by session: its last block that was come by
  std::vector<Index> at_;                // by session: the operation that did so
  Index now_ = initial;                  // the block
  Index before_ = initial;               // the operation before
  bool any_ = false;
};

}  // namespace

Finding decide_slow(const Registers& registers, const Limits& limits) {
  Passage passage(registers);
  Finding finding;
  each_session_on_key(registers, [&](std::span<const Index> operations) {
    if (limits.over()) finding = unfinished();
    passage.begin();
    for (std::size_t i = 0; i < operations.size() && finding.outcome == Outcome::holds; ++i) {
      Index earlier = passage.go(operations[i]);
      if (earlier == initial) continue;
      finding = refuted(registers, {{earlier, operations[i]}});
      finding.circle.clear();
      finding.reason =
          "For the session that read, the writes of one session on this key would have to stand in "
          "another order than that session made them in, or one of them in two places.";
      // What was come by in between makes the return a return.
      if (i > 0) finding.core.push_back(operations[i - 1]);
      finding.core = closed(registers, std::move(finding.core));
    }
    return finding.outcome == Outcome::holds;
  });
  return finding;
}

}  // namespace sunder::weak
