// The models of one legal order of all operations. Deciding them is NP-complete even when it is
// known which write each read returned (Gibbons and Korach, SIAM J. Comput. 1997), so there is a
// search, which takes about linear time on histories as systems make them, and has limits.

#include "checker/weak/decide.h"
#include "checker/weak/one_order/hints.h"
#include "checker/weak/one_order/proof.h"
#include "checker/weak/one_order/ranks.h"
#include "checker/weak/one_order/replay.h"
#include "checker/weak/one_order/search.h"
#include "checker/weak/one_order/sequential_order.h"

namespace sunder::weak {
namespace {

using namespace one_order;

Finding unknown(std::string reason) {
  return Finding{.outcome = Outcome::unknown, .reason = std::move(reason)};
}

class Decision {
 public:
  Decision(const Registers& registers, Base base, const Limits& limits)
      : registers_(registers),
        limits_(limits),
        instance_(registers, base),
        components_(find_components(instance_)),
        lessons_(instance_.size()) {
    learn_from_chains(instance_, components_, lessons_);
  }

  // One guess after the other, each with more patience; what is learnt remains. Rounds: of guesses.
  Finding run(std::size_t rounds_limit) {
    bool many_chains = instance_.chains() > 512;
    Guess guesses[] = {many_chains ? Guess::late : Guess::middle,
                       many_chains ? Guess::middle : Guess::late, Guess::early};
    std::size_t patience = 1000 + instance_.size() / 4;
    for (std::size_t round = 0; round < rounds_limit; ++round, patience *= 2) {
      for (Guess guess : guesses) {
        Search search(instance_, components_, lessons_, guess_ranks(instance_, lessons_, guess),
                      limits_);
        Search::Outcome outcome = search.run(patience);
        best_ = std::max(best_, search.most_done());
        dead_ends_ += search.dead_ends();
        if (outcome == Search::Outcome::found) return witnessed(search.schedule());
        if (outcome == Search::Outcome::none) return refutation(instance_, lessons_);
        if (outcome == Search::Outcome::over) return gave_up();
      }
    }
    return gave_up();
  }

 private:
  Finding witnessed(const Schedule& schedule) const {
    std::vector<Index> order;
    order.reserve(instance_.size());
    for (Slot slot : schedule.order()) order.push_back(instance_.operation[slot]);
    if (is_witness(registers_, instance_.base, order)) return Finding{};
    return unknown("The order that was found does not pass its check: a bug of this checker.");
  }

  Finding gave_up() const {
    return unknown("The limits of time and memory were reached with " + std::to_string(best_) +
                   " of " + std::to_string(instance_.size()) + " operations in one order, after " +
                   std::to_string(dead_ends_) + " dead ends.");
  }

  const Registers& registers_;
  const Limits& limits_;
  Instance instance_;
  Components components_;
  Lessons lessons_;
  std::size_t best_ = 0;
  std::size_t dead_ends_ = 0;
};

Finding decide(const Registers& registers, Base base, const Limits& limits,
               std::size_t rounds_limit = SIZE_MAX) {
  constexpr std::size_t bytes_each = 256;  // of an operation, before anything is learnt
  if (registers.size() * bytes_each > limits.memory) {
    return unknown("The search for an order of " + std::to_string(registers.size()) +
                   " operations needs more memory than is allowed.");
  }
  if (limits.over()) return unknown("The time was over before the search for an order began.");
  return Decision(registers, base, limits).run(rounds_limit);
}

}  // namespace

Finding decide_ordered_sequential(const Registers& registers, const Limits& limits) {
  return decide(registers, Base::sessions_and_times, limits);
}

Finding decide_sequential(const Registers& registers, const Limits& limits) {
  return decide(registers, Base::sessions, limits);
}

Finding decide_consistent_prefix(const Registers& registers, const Limits& limits) {
  return decide(registers, Base::prefixes, limits);
}

bool one_order::finds_sequential_order(const Registers& registers, const Limits& limits) {
  return decide(registers, Base::sessions, limits, 1).outcome == Outcome::holds;
}

}  // namespace sunder::weak
