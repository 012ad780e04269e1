// Causal consistency in three strengths, from the pairs of writes that reads put in order.
//
// A read of t1 forces t2 -> t1 for every other write t2 of the key in its causal past (Bouajjani,
// Enea, Guerraoui and Hamza, POPL 2017, sections 4 and 5). Convergence holds exactly when these
// pairs and co leave an order; weak causality when no t2 is causally after its t1. Of the writes of
// a session only the last in the past matters, and none that the source had in its own past.

#include <algorithm>

#include "checker/weak/circle.h"
#include "checker/weak/decide.h"
#include "checker/weak/past.h"

namespace sunder::weak {
namespace {

bool by_ends(const Constraint& a, const Constraint& b) {
  return std::pair(a.before, a.after) < std::pair(b.before, b.after);
}
bool same_ends(const Constraint& a, const Constraint& b) {
  return a.before == b.before && a.after == b.after;
}

/// The forced pairs of all reads. Ends early with a pair that has the initial write as its second.
class ForcedPairs {
 public:
  explicit ForcedPairs(const Registers& registers)
      : registers_(registers), writes_(registers, Kind::write) {}

  Walked collect(const Limits& limits) {
    return walk_past(registers_, limits, [&](Index at, const Past& past) {
      if (pairs_.size() * sizeof(Constraint) > limits.memory) return false;
      registers_[at].source == initial ? add_of_initial(at, past) : add(at, past);
      if (pairs_.size() >= sorted_ * 2 + 100'000) tidy();
      return !hopeless_;
    });
  }

  void tidy() {
    std::sort(pairs_.begin(), pairs_.end(), by_ends);
    pairs_.erase(std::unique(pairs_.begin(), pairs_.end(), same_ends), pairs_.end());
    sorted_ = pairs_.size();
  }

  /// One of the pairs says that a write comes before the initial one; it is the last of them.
  bool hopeless() const { return hopeless_; }
  const std::vector<Constraint>& pairs() const { return pairs_; }

 private:
  void add(Index at, const Past& past) {
    const Operation& read = registers_[at];
    past.clocks.each_greater(
        past.seen, past.source, [&](std::uint32_t session, std::uint32_t now, std::uint32_t then) {
          Index write = writes_.last_before(registers_, read.key, session, now);
          if (write == initial || write < then || write == read.source) return;
          pairs_.push_back({write, read.source, Why::overwritten, at});
        });
  }

  void add_of_initial(Index at, const Past& past) {
    for (Index write : writes_.of(registers_[at].key)) {
      std::uint32_t session = registers_[write].session;
      if (past.clocks.at(past.seen, session) <= write) continue;
      pairs_.push_back({write, initial, Why::overwritten, at});
      hopeless_ = true;
      return;
    }
  }

  const Registers& registers_;
  OfKey writes_;
  std::vector<Constraint> pairs_;
  std::size_t sorted_ = 0;
  bool hopeless_ = false;
};

Finding refuted(const Registers& registers, std::vector<Constraint> circle) {
  Finding finding{.outcome = Outcome::refuted};
  for (const Constraint& constraint : circle) {
    std::vector<Index> way;
    if (constraint.why == Why::overwritten) {
      way = causal_way(registers, constraint.before, constraint.because);
    } else if (constraint.why == Why::causality) {
      way = causal_way(registers, constraint.before, constraint.after);
    }
    finding.core.insert(finding.core.end(), way.begin(), way.end());
    for (Index at : {constraint.before, constraint.after, constraint.because}) {
      finding.core.push_back(at);
    }
  }
  finding.core = closed(registers, std::move(finding.core));
  finding.circle = std::move(circle);
  return finding;
}

Finding unfinished() {
  return {.outcome = Outcome::unknown,
          .reason = "The walk through the causal past did not end within the budget."};
}

/// What is known before the pairs are put together; nothing when they have to be.
std::optional<Finding> before_pairs(const Registers& registers, const ForcedPairs& forced,
                                    Walked walked) {
  if (forced.hopeless()) return refuted(registers, {forced.pairs().back()});
  if (walked == Walked::over) return unfinished();
  if (walked == Walked::stuck) return refuted(registers, *find_circle(registers, {}, {}));
  return {};
}

Finding convergence(const Registers& registers, const Limits& limits, bool real_time) {
  ForcedPairs forced(registers);
  Walked walked = forced.collect(limits);
  if (std::optional<Finding> finding = before_pairs(registers, forced, walked)) return *finding;
  forced.tidy();
  auto circle = find_circle(registers, forced.pairs(), {.real_time = real_time});
  if (circle) return refuted(registers, *std::move(circle));
  return {};
}

}  // namespace

Finding decide_causal_convergence(const Registers& registers, const Limits& limits) {
  return convergence(registers, limits, false);
}

Finding decide_real_time_causal(const Registers& registers, const Limits& limits) {
  return convergence(registers, limits, true);
}

Finding decide_causal(const Registers& registers, const Limits& limits) {
  ForcedPairs forced(registers);
  Walked walked = forced.collect(limits);
  if (std::optional<Finding> finding = before_pairs(registers, forced, walked)) return *finding;
  forced.tidy();
  const std::vector<Constraint>& pairs = forced.pairs();
  if (pairs.empty()) return {};
  const Constraint* broken = nullptr;
  auto at_write = [&](Index write, const Past& past) {
    auto pair = std::lower_bound(pairs.begin(), pairs.end(), Constraint{write, 0}, by_ends);
    for (; pair != pairs.end() && pair->before == write; ++pair) {
      std::uint32_t session = registers[pair->after].session;
      if (past.clocks.at(past.seen, session) <= pair->after) continue;
      broken = &*pair;
      return false;
    }
    return true;
  };
  walked = walk_past(
      registers, limits, [](Index, const Past&) { return true; }, at_write);
  if (broken != nullptr) {
    return refuted(registers, {{broken->after, broken->before, Why::causality}, *broken});
  }
  return walked == Walked::over ? unfinished() : Finding{};
}

}  // namespace sunder::weak
