#include <numeric>

#include "checker/weak/processor/views.h"

namespace sunder::weak::processor {
namespace {

struct Choice {
  Views views;  // before it
  Index first;  // tried before `second`
  Index second;
  bool mirrored;  // both ways were tried
};

Finding refuted(const Registers& registers) {
  Finding finding{.outcome = Outcome::refuted};
  finding.core.resize(registers.size());
  std::iota(finding.core.begin(), finding.core.end(), Index{0});
  finding.reason =
      "Whichever way the writes of each key are ordered, some session cannot have seen them so.";
  return finding;
}

Finding unknown(std::string reason) {
  return Finding{.outcome = Outcome::unknown, .reason = std::move(reason)};
}

/// Goes back to the last choice of which one way was not tried, and tries it.
bool take_back(std::vector<Choice>& choices, Views& views) {
  while (!choices.empty() && choices.back().mirrored) choices.pop_back();
  if (choices.empty()) return false;
  Choice& choice = choices.back();
  choice.mirrored = true;
  views = choice.views;
  views.order(choice.second, choice.first);
  return true;
}

}  // namespace

Finding decide_by_views(const Registers& registers, const Limits& limits) {
  constexpr std::size_t operations_max = 8192;  // above, the time is out of reach, too
  if (registers.size() > operations_max || Views::bytes(registers) > limits.memory / 4) {
    return unknown("No sequential order was found, and nothing that refutes PRAM or coherence; " +
                   std::to_string(registers.size()) +
                   " operations are too many to compare what the sessions must have seen.");
  }
  if (registers.size() == 0) return Finding{};
  Views views(registers);
  std::vector<Choice> choices;
  while (true) {
    bool possible = views.settle(limits);
    std::size_t bytes = Views::bytes(registers) * (choices.size() + 2);
    if (limits.over() || bytes > limits.memory) {
      return unknown("The limits of time and memory were reached with the order of " +
                     std::to_string(choices.size()) + " pairs of writes chosen.");
    }
    if (!possible) {
      if (!take_back(choices, views)) return refuted(registers);
      continue;
    }
    Index first = initial;
    Index second = initial;
    if (!views.find_open(first, second)) return Finding{};
    choices.push_back({views, first, second, false});
    views.order(first, second);
  }
}

}  // namespace sunder::weak::processor
