#include "checker/linearizable/monitors/contents.h"

#include <algorithm>

#include "checker/linearizable/verbs.h"

namespace sunder::linearizable {
namespace {

using container_verb::add;
using container_verb::take;
using container_verb::take_empty;

constexpr const char* icalp = "Bouajjani, Emmi, Enea, Hamza: ICALP 2015, section 5";

/// The adds and takes of values, by value: in a table where the values are dense, else by rank.
class Values {
 public:
  struct Uses {
    std::uint32_t add = no_operation;
    std::uint32_t take = no_operation;
  };

  explicit Values(std::span<const Operation> operations) {
    std::int64_t lowest = INT32_MAX;
    std::int64_t highest = INT32_MIN;
    for (const Operation& operation : operations) {
      if (!names_value(operation)) continue;
      lowest = std::min<std::int64_t>(lowest, value_of(operation));
      highest = std::max<std::int64_t>(highest, value_of(operation));
    }
    lowest_ = lowest;
    std::int64_t range = std::max<std::int64_t>(highest - lowest + 1, 0);
    if (range > static_cast<std::int64_t>(8 * operations.size())) {
      rank(operations);
      range = static_cast<std::int64_t>(ranked_.size());
    }
    uses_.resize(static_cast<std::size_t>(range));
  }

  static bool names_value(const Operation& operation) {
    return operation.call.verb == add || (operation.call.verb == take && !operation.crashed());
  }
  static std::int32_t value_of(const Operation& operation) {
    return operation.call.verb == add ? operation.call.input : operation.call.output;
  }
  Uses& operator[](std::int32_t value) {
    if (ranked_.empty()) return uses_[static_cast<std::size_t>(value - lowest_)];
    auto at = std::lower_bound(ranked_.begin(), ranked_.end(), value);
    return uses_[static_cast<std::size_t>(at - ranked_.begin())];
  }

 private:
  void rank(std::span<const Operation> operations) {
    for (const Operation& operation : operations) {
      if (names_value(operation)) ranked_.push_back(value_of(operation));
    }
    std::sort(ranked_.begin(), ranked_.end());
    ranked_.erase(std::unique(ranked_.begin(), ranked_.end()), ranked_.end());
  }

  std::int64_t lowest_ = 0;
  std::vector<std::int32_t> ranked_;
  std::vector<Uses> uses_;
};

Decision taken_twice(std::uint32_t added, std::uint32_t one, std::uint32_t other) {
  return refuted({.name = "taken-twice",
                  .theorem = icalp,
                  .operations = {added, one, other},
                  .explanation = "a value that was put in once was taken twice."});
}

Item item_of(std::span<const Operation> operations, std::uint32_t added, std::uint32_t taken) {
  Item item{.value = operations[added].call.input,
            .add = added,
            .take = taken,
            .add_call = operations[added].invoked,
            .add_return = operations[added].returned};
  if (taken == no_operation) return item;
  item.take_call = std::max(operations[taken].invoked, item.add_call);
  item.take_return = operations[taken].returned;
  item.add_return = std::min(item.add_return, item.take_return);
  return item;
}

/// Who uses which value; a decision when one is used in a way that monitors do not accept, or that
/// cannot be.
std::optional<Decision> find_uses(std::span<const Operation> operations, Values& values,
                                  Contents& contents) {
  std::uint32_t twice = no_operation;
  for (std::uint32_t i = 0; i < operations.size(); ++i) {
    const Operation& operation = operations[i];
    if (operation.call.verb == take_empty) {
      if (!operation.crashed()) contents.empties.push_back(i);
    } else if (!Values::names_value(operation)) {
      contents.crashed_takes.push_back(i);
    } else {
      Values::Uses& uses = values[Values::value_of(operation)];
      std::uint32_t& use = operation.call.verb == add ? uses.add : uses.take;
      if (use != no_operation && operation.call.verb == add) return Decision{};
      if (use != no_operation) twice = i;
      if (use == no_operation) use = i;
    }
  }
  if (twice == no_operation) return {};
  const Values::Uses& uses = values[operations[twice].call.output];
  if (uses.add == no_operation) return {};  // found again as a value from nowhere
  return taken_twice(uses.add, uses.take, twice);
}

}  // namespace

Decision refuted(Pattern pattern) {
  return {.outcome = Decision::Outcome::not_linearizable, .pattern = std::move(pattern)};
}

std::optional<Decision> pair_up(std::span<const Operation> operations, Contents& contents) {
  Values values(operations);
  if (std::optional<Decision> settled = find_uses(operations, values, contents)) return settled;
  contents.items.reserve(operations.size() / 2 + 1);
  for (std::uint32_t i = 0; i < operations.size(); ++i) {
    const Operation& operation = operations[i];
    if (!Values::names_value(operation)) continue;
    Values::Uses uses = values[Values::value_of(operation)];
    if (operation.call.verb == add) {
      if (operation.crashed() && uses.take == no_operation) continue;
      contents.items.push_back(item_of(operations, i, uses.take));
    } else if (uses.add == no_operation) {
      return refuted({.name = "take-without-add",
                      .theorem = icalp,
                      .operations = {i},
                      .explanation = "a value was taken that was never put in."});
    } else if (operation.returned < operations[uses.add].invoked) {
      return refuted({.name = "take-before-add",
                      .theorem = icalp,
                      .operations = {uses.add, i},
                      .explanation = "a value was taken before it was put in."});
    }
  }
  return {};
}

void give_to_crashed(std::span<const Operation> operations, Contents& contents,
                     std::span<const std::uint32_t> owners) {
  for (std::size_t i = 0; i < owners.size(); ++i) {
    Item& item = contents.items[owners[i]];
    item = item_of(operations, item.add, contents.crashed_takes[i]);
  }
}

std::vector<Run> empty_runs(const std::vector<Item>& items) {
  std::vector<Keyed> by_return;
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    if (items[i].settles()) by_return.push_back({items[i].add_return, i});
  }
  sort_by_key(by_return);
  std::vector<Run> runs;
  std::uint32_t next = 0;  // the first instant that may be free
  for (auto [returned, i] : by_return) {
    if (returned > next) runs.push_back({next, returned - 1});
    next = std::max(next, items[i].take_call);
  }
  if (next != open_end) runs.push_back({next, open_end});
  return runs;
}

std::optional<std::vector<std::uint32_t>> place_empties(std::span<const Operation> operations,
                                                        const Contents& contents,
                                                        std::uint32_t& failed) {
  std::vector<std::uint32_t> instants;
  if (contents.empties.empty()) return instants;
  std::vector<Run> runs = empty_runs(contents.items);
  auto run = runs.begin();
  for (std::uint32_t empty : contents.empties) {
    const Operation& operation = operations[empty];
    while (run != runs.end() && run->last < operation.invoked) ++run;
    if (run == runs.end() || run->first >= operation.returned) {
      failed = empty;
      return {};
    }
    instants.push_back(std::max(run->first, operation.invoked));
  }
  return instants;
}

Decision covered_empty(std::span<const Operation> operations, const Contents& contents,
                       std::uint32_t empty) {
  Pattern pattern{.name = "covered-empty",
                  .theorem = icalp,
                  .operations = {empty},
                  .explanation = "nothing was found although something was inside all the time."};
  const Operation& operation = operations[empty];
  for (std::uint32_t i : cover(contents.items, operation.invoked, operation.returned,
                               [](const Item&) { return true; })) {
    cite(contents.items[i], pattern);
  }
  return refuted(std::move(pattern));
}

void cite(const Item& item, Pattern& pattern) {
  pattern.operations.push_back(item.add);
  if (item.taken()) pattern.operations.push_back(item.take);
}

bool is_firm(std::span<const Operation> operations, const Decision& decision) {
  std::ptrdiff_t adds_less_takes = 0;
  for (std::uint32_t i : decision.pattern.operations) {
    const Operation& operation = operations[i];
    if (operation.call.verb == add) ++adds_less_takes;
    if (operation.call.verb == take && !operation.crashed()) --adds_less_takes;
  }
  return adds_less_takes <= 0;
}

}  // namespace sunder::linearizable
