#pragma once
// What the monitors of containers know of each value: when it came and when it went.

#include <optional>
#include <span>
#include <vector>

#include "checker/linearizable/decision.h"
#include "checker/linearizable/monitors/radix.h"

namespace sunder::linearizable {

inline constexpr std::uint32_t no_operation = UINT32_MAX;

/// A value that was put in. Its intervals are as short as its other operation allows: it was put in
/// before its take returned, and taken after its add was called.
struct Item {
  std::int32_t value = 0;
  std::uint32_t add = no_operation;
  std::uint32_t take = no_operation;  // no_operation: it stays, or nobody knows who took it
  std::uint32_t add_call = 0;
  std::uint32_t add_return = 0;
  std::uint32_t take_call = open_end;
  std::uint32_t take_return = open_end;

  bool taken() const { return take != no_operation; }
  /// Surely inside, at the instants from add_return to before take_call.
  bool settles() const { return add_return < take_call; }
};

struct Contents {
  std::vector<Item> items;                   // in order of their adds' invocations
  std::vector<std::uint32_t> empties;        // take_empty, in order of invocation
  std::vector<std::uint32_t> crashed_takes;  // of unknown values, in order of invocation
};

/// Pairs adds and takes. Crashed adds of values that were never taken are left out. A decision: the
/// history is not of the kind that monitors accept, or a take contradicts the adds.
std::optional<Decision> pair_up(std::span<const Operation> operations, Contents& contents);

/// Lets crashed takes have taken values that nobody else took: `owners` are indexes of items, one
/// for each crashed take from the first. Its intervals change accordingly.
void give_to_crashed(std::span<const Operation> operations, Contents& contents,
                     std::span<const std::uint32_t> owners);

/// The instants at which no item is surely inside, as runs [first, last], in order.
struct Run {
  std::uint32_t first;
  std::uint32_t last;
};
std::vector<Run> empty_runs(const std::vector<Item>& items);

/// For each take_empty an instant at which nothing is surely inside, as early as possible; none for
/// the first operation that has no such instant (which is written to `failed`).
std::optional<std::vector<std::uint32_t>> place_empties(std::span<const Operation> operations,
                                                        const Contents& contents,
                                                        std::uint32_t& failed);

/// The pattern of a take_empty during all of which something was surely inside.
Decision covered_empty(std::span<const Operation> operations, const Contents& contents,
                       std::uint32_t empty);

/// Whether a decision holds whatever the crashed takes took: it found an order, or a contradiction
/// of values that were all seen to be taken.
bool is_firm(std::span<const Operation> operations, const Decision& decision);

/// Items that, one after the other, are surely inside at all instants from `first` up to, not
/// including, `end`; among the items that `admit` accepts. Empty when there are none such.
template <class Admit>
std::vector<std::uint32_t> cover(const std::vector<Item>& items, std::uint32_t first,
                                 std::uint32_t end, Admit admit);

/// Adds the operations of an item to those that a pattern names.
void cite(const Item& item, Pattern& pattern);

/// `pattern` as the decision that the history is not linearizable.
Decision refuted(Pattern pattern);

template <class Admit>
std::vector<std::uint32_t> cover(const std::vector<Item>& items, std::uint32_t first,
                                 std::uint32_t end, Admit admit) {
  std::vector<std::uint32_t> chain;
  std::vector<Keyed> by_return;
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    const Item& item = items[i];
    if (item.settles() && item.add_return < end && item.take_call > first && admit(item)) {
      by_return.push_back({item.add_return, i});
    }
  }
  sort_by_key(by_return);
  std::uint32_t reach = first;
  for (std::size_t at = 0; reach < end;) {
    std::uint32_t best = no_operation;
    for (; at < by_return.size() && by_return[at].key <= reach; ++at) {
      std::uint32_t i = by_return[at].index;
      if (best == no_operation || items[i].take_call > items[best].take_call) best = i;
    }
    if (best == no_operation || items[best].take_call <= reach) return {};
    chain.push_back(best);
    reach = items[best].take_call;
  }
  return chain;
}

}  // namespace sunder::linearizable
