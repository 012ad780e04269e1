// Stacks.
//
// A value that can be pushed at an instant and popped at another at which no other value is surely
// inside can be the lowest one: without it, the history is linearizable if and only if it was with
// it. So such values are removed until none is left, or until none of those that are left can be
// the lowest: then there is no order.

#include <algorithm>
#include <set>

#include "checker/linearizable/monitors/contents.h"
#include "checker/linearizable/monitors/coverage.h"
#include "checker/linearizable/monitors/monitors.h"

namespace sunder::linearizable {
namespace {

using Outcome = Decision::Outcome;

/// The stretches of instants between the moments at which values surely come and go, numbered in
/// order. The last place is after everything.
class Places {
 public:
  explicit Places(const std::vector<Item>& items) {
    std::uint32_t last = 0;
    for (const Item& item : items) {
      if (!item.settles()) continue;
      borders_.push_back({item.add_return, 0});
      if (item.taken()) borders_.push_back({item.take_call, 0});
      last = std::max(last, borders_.back().key);
    }
    sort_by_key(borders_);
    if (last > 16 * borders_.size()) return;
    before_.resize(std::size_t{last} + 1);
    for (const Keyed& border : borders_) ++before_[border.key];
    for (std::size_t at = 1; at < before_.size(); ++at) before_[at] += before_[at - 1];
  }

  std::uint32_t end() const { return static_cast<std::uint32_t>(borders_.size()) + 1; }
  std::uint32_t of(std::uint32_t instant) const {
    if (instant < before_.size()) return before_[instant];
    if (!before_.empty() || instant >= open_end - 1) return end() - 1;
    auto at = std::upper_bound(
        borders_.begin(), borders_.end(), instant,
        [](std::uint32_t wanted, const Keyed& border) { return wanted < border.key; });
    return static_cast<std::uint32_t>(at - borders_.begin());
  }

 private:
  std::vector<Keyed> borders_;
  std::vector<std::uint32_t> before_;  // by position, where these are dense: borders up to it
};

/// Where things can happen, as places.
struct Stay {
  Stretch push;
  Stretch pop;
  Stretch inside;
};

/// Removes lowest values.
class Peeling {
 public:
  Peeling(const std::vector<Item>& items, bool wants_places)
      : wants_places_(wants_places), places_(items), removed_(items.size()) {
    for (std::uint32_t i = 0; i < items.size(); ++i) {
      removed_[i] = !items[i].settles();
      if (!removed_[i]) owner_.push_back(i);
    }
    for (std::uint32_t i : owner_) stays_.push_back(stay(items[i]));
  }

  void run() {
    std::vector<Stretch> intervals;
    std::vector<Stretch> watchers;
    intervals.reserve(stays_.size());
    watchers.reserve(2 * stays_.size());
    for (const Stay& stay : stays_) {
      intervals.push_back(stay.inside);
      watchers.push_back(stay.push);
      watchers.push_back(stay.pop);
    }
    Coverage coverage(places_.end() + 1, intervals, watchers);
    std::vector<std::uint8_t> woken_of(stays_.size());
    std::vector<std::uint32_t> woken;
    std::vector<std::uint32_t> free;
    if (wants_places_) free_.resize((places_.end() + 1) / 64 + 1);
    while (true) {
      woken.clear();
      free.clear();
      coverage.collect(wants_places_ ? &free : nullptr, woken);
      for (std::uint32_t place : free) free_[place / 64] |= std::uint64_t{1} << (place % 64);
      if (woken.empty()) break;
      for (std::uint32_t watcher : woken) {
        if (++woken_of[watcher / 2] == 2) remove(watcher / 2, coverage);
      }
    }
  }

  const std::vector<std::uint32_t>& removal_order() const { return order_; }  // numbers of items
  /// In order of removal: the place of the push and of the pop.
  const std::vector<std::pair<std::uint32_t, std::uint32_t>>& chosen() const { return chosen_; }
  const Places& places() const { return places_; }

  /// The items that are left around one moment: those that cannot be explained by themselves. Of
  /// several such groups the smallest; empty when nothing is left.
  std::vector<std::uint32_t> core() const {
    std::vector<Keyed> left;
    for (std::uint32_t n = 0; n < owner_.size(); ++n) {
      if (!removed_[owner_[n]]) left.push_back({stays_[n].inside.first, n});
    }
    sort_by_key(left);
    std::vector<std::uint32_t> best;
    for (std::size_t at = 0; at < left.size();) {
      std::vector<std::uint32_t> group;
      std::uint32_t reach = left[at].key;
      for (; at < left.size() && left[at].key <= reach + 1; ++at) {
        reach = std::max(reach, stays_[left[at].index].inside.last);
        group.push_back(owner_[left[at].index]);
      }
      if (best.empty() || group.size() < best.size()) best = std::move(group);
    }
    return best;
  }

 private:
  Stay stay(const Item& item) const {
    Stay stay{.push = {places_.of(item.add_call), places_.of(item.add_return - 1)},
              .pop = {places_.end(), places_.end()},
              .inside = {places_.of(item.add_return), places_.end() - 1}};
    if (item.taken()) {
      stay.pop = {places_.of(item.take_call),
                  item.take_return == open_end ? places_.end() : places_.of(item.take_return - 1)};
      stay.inside.last = places_.of(item.take_call) - 1;
    }
    return stay;
  }

  void remove(std::uint32_t number, Coverage& coverage) {
    const Stay& stay = stays_[number];
    removed_[owner_[number]] = true;
    order_.push_back(owner_[number]);
    // As close to its stay as possible, so that no place at which others were pushed or popped
    // earlier lies between.
    if (wants_places_) {
      chosen_.emplace_back(free_before(stay.push.last), free_from(stay.pop.first));
    }
    coverage.remove(stay.inside);
  }

  std::uint32_t free_before(std::uint32_t place) const {
    std::size_t word = place / 64;
    std::uint64_t bits = free_[word] << (63 - place % 64);
    if (bits != 0) return place - static_cast<std::uint32_t>(std::countl_zero(bits));
    do bits = free_[--word];
    while (bits == 0);
    return static_cast<std::uint32_t>(word * 64 + 63) -
           static_cast<std::uint32_t>(std::countl_zero(bits));
  }
  std::uint32_t free_from(std::uint32_t place) const {
    std::size_t word = place / 64;
    std::uint64_t bits = free_[word] >> (place % 64);
    if (bits != 0) return place + static_cast<std::uint32_t>(std::countr_zero(bits));
    do bits = free_[++word];
    while (bits == 0);
    return static_cast<std::uint32_t>(word * 64) +
           static_cast<std::uint32_t>(std::countr_zero(bits));
  }

  bool wants_places_;
  Places places_;
  std::vector<bool> removed_;
  std::vector<std::uint32_t> owner_;  // of a stay: its item
  std::vector<Stay> stays_;
  std::vector<std::uint64_t> free_;  // a bit a place
  std::vector<std::uint32_t> order_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> chosen_;
};

/// The linearization. At one place pops come first, those of values that were removed last before
/// others; pushes come last, the other way round; between them values that come and go at once, and
/// takes that found nothing.
std::vector<std::uint32_t> witness(const Contents& contents, const Peeling& peeling,
                                   const std::vector<std::uint32_t>& instants) {
  struct Step {
    std::uint32_t place;
    std::uint32_t turn;  // 0 pops, 1 between, 2 pushes
    std::uint32_t rank;
    std::uint32_t operation;
    bool operator<(const Step& other) const {
      return std::tie(place, turn, rank) < std::tie(other.place, other.turn, other.rank);
    }
  };
  const std::vector<Item>& items = contents.items;
  std::vector<Step> steps;
  steps.reserve(2 * items.size() + instants.size());
  auto removals = static_cast<std::uint32_t>(peeling.removal_order().size());
  for (std::uint32_t rank = 0; rank < removals; ++rank) {
    const Item& item = items[peeling.removal_order()[rank]];
    auto [push, pop] = peeling.chosen()[rank];
    steps.push_back({push, 2, rank, item.add});
    if (item.taken()) steps.push_back({pop, 0, removals - rank, item.take});
  }
  for (const Item& item : items) {
    if (item.settles()) continue;
    std::uint32_t place = peeling.places().of(item.take_call);
    steps.push_back({place, 1, item.take_call, item.add});
    steps.push_back({place, 1, item.take_call, item.take});
  }
  for (std::size_t i = 0; i < instants.size(); ++i) {
    steps.push_back({peeling.places().of(instants[i]), 1, instants[i], contents.empties[i]});
  }
  std::stable_sort(steps.begin(), steps.end());
  std::vector<std::uint32_t> order;
  order.reserve(steps.size());
  for (const Step& step : steps) order.push_back(step.operation);
  return order;
}

std::vector<std::uint32_t> core_of(const std::vector<Item>& items,
                                   const std::vector<std::uint32_t>& subset) {
  std::vector<Item> some;
  for (std::uint32_t i : subset) some.push_back(items[i]);
  Peeling peeling(some, false);
  peeling.run();
  std::vector<std::uint32_t> core = peeling.core();
  for (std::uint32_t& i : core) i = subset[i];
  return core;
}

/// Leaves out values as long as the rest still has no lowest one.
std::vector<std::uint32_t> smallest_core(const std::vector<Item>& items,
                                         std::vector<std::uint32_t> core) {
  std::size_t work = 5'000'000;  // items looked at
  for (std::size_t chunk = (core.size() + 1) / 2; chunk > 0; chunk /= 2) {
    for (std::size_t at = 0; at < core.size() && work > core.size();) {
      work -= core.size();
      std::vector<std::uint32_t> rest = core;
      auto from = rest.begin() + static_cast<std::ptrdiff_t>(at);
      rest.erase(from, from + static_cast<std::ptrdiff_t>(std::min(chunk, core.size() - at)));
      rest = core_of(items, rest);
      if (rest.empty()) {
        at += chunk;
      } else {
        core = std::move(rest);
      }
    }
  }
  return core;
}

Decision no_lowest_value(const std::vector<Item>& items, const std::vector<std::uint32_t>& core) {
  Pattern pattern{.name = "no-lowest-value",
                  .theorem = "Lee and Mathur: OOPSLA 2025, stacks",
                  .operations = {},
                  .explanation =
                      "of these values none can have been the lowest on the stack: for "
                      "each, others were there all the time when it was pushed or "
                      "popped."};
  for (std::uint32_t i : core) cite(items[i], pattern);
  return refuted(std::move(pattern));
}

/// What one attempt found: the values that stand in each other's way, if any.
struct Attempt {
  Decision decision;
  std::vector<std::uint32_t> core;
};

Attempt judge(std::span<const Operation> operations, const Contents& contents, bool wants_order) {
  std::uint32_t failed = no_operation;
  auto instants = place_empties(operations, contents, failed);
  if (!instants) return {covered_empty(operations, contents, failed), {}};
  Peeling peeling(contents.items, wants_order);
  peeling.run();
  std::vector<std::uint32_t> core = peeling.core();
  if (!core.empty()) {
    core = smallest_core(contents.items, core);
    return {no_lowest_value(contents.items, core), core};
  }
  Decision decision{.outcome = Outcome::linearizable};
  if (wants_order) decision.order = witness(contents, peeling, *instants);
  return {std::move(decision), {}};
}

/// By when values that nobody was seen to take must have gone: a value that was surely below is
/// taken then, or the stack is found empty. Keys are positions, indexes those of items.
std::vector<Keyed> demands(std::span<const Operation> operations, const Contents& contents) {
  const std::vector<Item>& items = contents.items;
  enum class What : std::uint8_t { comes, goes, is_pushed };
  std::vector<std::pair<What, std::uint32_t>> events;
  std::vector<Keyed> order;
  auto event = [&](std::uint32_t position, What what, std::uint32_t i) {
    order.push_back({position, static_cast<std::uint32_t>(events.size())});
    events.emplace_back(what, i);
  };
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    if (!items[i].taken()) {
      event(items[i].add_call, What::is_pushed, i);
    } else if (items[i].settles()) {
      event(items[i].add_return, What::comes, i);
      event(items[i].take_call, What::goes, i);
    }
  }
  sort_by_key(order);
  std::set<std::pair<std::uint32_t, std::uint32_t>> below;  // by the return of the take
  std::vector<Keyed> demands;
  for (const Keyed& keyed : order) {
    auto [what, i] = events[keyed.index];
    if (what == What::comes) below.emplace(items[i].take_return, i);
    if (what == What::goes) below.erase({items[i].take_return, i});
    if (what != What::is_pushed) continue;
    std::uint32_t due = open_end;
    for (auto [returned, other] : below) {
      if (items[other].take_call <= items[i].add_return) continue;
      due = returned;
      break;
    }
    for (std::uint32_t empty : contents.empties) {
      if (operations[empty].invoked < items[i].add_return) continue;
      due = std::min(due, operations[empty].returned);
      break;
    }
    if (due != open_end) demands.push_back({due, i});
  }
  return demands;
}

/// Adds the untaken values of a core, which must go before some other value of it.
bool demand_more(const std::vector<Item>& items, const std::vector<std::uint32_t>& core,
                 std::vector<Keyed>& demands) {
  std::uint32_t due = open_end;
  for (std::uint32_t i : core) due = std::min(due, items[i].take_return);
  std::size_t before = demands.size();
  for (std::uint32_t i : core) {
    if (!items[i].taken()) demands.push_back({due, i});
  }
  return demands.size() > before;
}

}  // namespace

Decision stack_monitor(std::span<const Operation> operations, bool wants_order) {
  constexpr int attempts = 20;  // to find out what crashed takes took
  Contents contents;
  if (std::optional<Decision> settled = pair_up(operations, contents)) return *settled;
  Attempt attempt = judge(operations, contents, wants_order);
  if (contents.crashed_takes.empty() || is_firm(operations, attempt.decision)) {
    return attempt.decision;
  }
  std::vector<Keyed> due = demands(operations, contents);
  for (int i = 0; i < attempts && due.size() <= contents.crashed_takes.size(); ++i) {
    sort_by_key(due);
    std::vector<std::uint32_t> owners;
    for (const Keyed& demand : due) owners.push_back(demand.index);
    give_to_crashed(operations, contents, owners);
    attempt = judge(operations, contents, wants_order);
    if (is_firm(operations, attempt.decision)) {
      for (std::size_t at = 0; at < owners.size(); ++at) {
        attempt.decision.assigned.emplace_back(contents.crashed_takes[at],
                                               contents.items[owners[at]].value);
      }
      return attempt.decision;
    }
    if (!demand_more(contents.items, attempt.core, due)) break;
  }
  return {};
}

}  // namespace sunder::linearizable
