// Priority queues: the smallest value goes first.
//
// A take of a value needs an instant at which no smaller value is surely inside. One sweep over the
// positions of the history keeps the smallest value that is surely inside, and lets every pending
// take happen as soon as it can; adds happen as late as they can.

#include <algorithm>
#include <bit>
#include <queue>

#include "checker/linearizable/monitors/contents.h"
#include "checker/linearizable/monitors/monitors.h"

namespace sunder::linearizable {
namespace {

using Outcome = Decision::Outcome;

/// A set of ranks that knows its smallest member: bits, and above each 64 words a word that says
/// which of them are not empty.
class Ranks {
 public:
  explicit Ranks(std::size_t count) {
    count = std::max<std::size_t>(count, 1);
    do {
      count = (count + 63) / 64;
      levels_.emplace_back(count, 0);
    } while (count > 1);
  }
  void insert(std::uint32_t rank) {
    for (auto& level : levels_) {
      level[rank >> 6] |= std::uint64_t{1} << (rank & 63);
      rank >>= 6;
    }
  }
  void erase(std::uint32_t rank) {
    for (auto& level : levels_) {
      level[rank >> 6] &= ~(std::uint64_t{1} << (rank & 63));
      if (level[rank >> 6] != 0) return;
      rank >>= 6;
    }
  }
  /// The smallest member; no_operation when there is none.
  std::uint32_t smallest() const {
    std::uint32_t word = 0;
    for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
      std::uint64_t bits = (*level)[word];
      if (bits == 0) return no_operation;
      word = word << 6 | static_cast<std::uint32_t>(std::countr_zero(bits));
    }
    return word;
  }

 private:
  std::vector<std::vector<std::uint64_t>> levels_;  // the bits first
};

std::vector<std::uint32_t> ranks_of(const std::vector<Item>& items) {
  std::vector<Keyed> order(items.size());
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    // Shifts the signed values so that they sort as unsigned ones.
    order[i] = {static_cast<std::uint32_t>(items[i].value) ^ 0x80000000u, i};
  }
  sort_by_key(order);
  std::vector<std::uint32_t> ranks(items.size());
  for (std::uint32_t rank = 0; rank < order.size(); ++rank) ranks[order[rank].index] = rank;
  return ranks;
}

enum class Kind : std::uint8_t { added, leaves, ends, empty_called, empty_ends };
struct Event {
  Kind kind;
  std::uint32_t which;  // an item, or a number in Contents::empties
};

class Sweep {
 public:
  Sweep(std::span<const Operation> operations, const Contents& contents, bool wants_order)
      : operations_(operations),
        contents_(contents),
        items_(contents.items),
        wants_order_(wants_order),
        rank_(ranks_of(contents.items)),
        item_of_(items_.size()),
        inside_(items_.size()),
        added_(items_.size()),
        gone_(items_.size()) {
    for (std::uint32_t i = 0; i < items_.size(); ++i) item_of_[rank_[i]] = i;
    empty_done_.resize(contents.empties.size());
  }

  Decision run() {
    collect_events();
    for (const Keyed& keyed : order_) {
      if (!pass(events_[keyed.index])) return failure(events_[keyed.index]);
    }
    Decision decision{.outcome = Outcome::linearizable};
    for (std::uint32_t i = 0; wants_order_ && i < items_.size(); ++i) add(i);
    decision.order = std::move(witness_);
    return decision;
  }

 private:
  void collect_events() {
    auto event = [&](std::uint32_t position, Kind kind, std::uint32_t which) {
      order_.push_back({position, static_cast<std::uint32_t>(events_.size())});
      events_.push_back({kind, which});
    };
    order_.reserve(3 * items_.size() + 2 * contents_.empties.size());
    events_.reserve(order_.capacity());
    for (std::uint32_t i = 0; i < items_.size(); ++i) {
      const Item& item = items_[i];
      event(item.add_return, Kind::added, i);
      if (item.taken()) event(item.take_call, Kind::leaves, i);
      if (item.take_return != open_end) event(item.take_return, Kind::ends, i);
    }
    for (std::uint32_t i = 0; i < contents_.empties.size(); ++i) {
      event(operations_[contents_.empties[i]].invoked, Kind::empty_called, i);
      event(operations_[contents_.empties[i]].returned, Kind::empty_ends, i);
    }
    sort_by_key(order_);
  }

  /// False when something had to happen before this position and could not.
  bool pass(Event event) {
    switch (event.kind) {
      case Kind::added:
        add(event.which);
        if (items_[event.which].settles()) inside_.insert(rank_[event.which]);
        return true;
      case Kind::leaves:
        if (items_[event.which].settles()) inside_.erase(rank_[event.which]);
        pending_.push(rank_[event.which]);
        break;
      case Kind::empty_called: pending_empties_.push_back(event.which); break;
      case Kind::ends: return gone_[event.which] != 0;
      case Kind::empty_ends: return empty_done_[event.which] != 0;
    }
    let_go();
    return true;
  }

  void let_go() {
    std::uint32_t smallest = inside_.smallest();
    for (; !pending_.empty() && pending_.top() < smallest; pending_.pop()) {
      std::uint32_t item = item_of_[pending_.top()];
      add(item);
      gone_[item] = 1;
      if (wants_order_) witness_.push_back(items_[item].take);
    }
    if (smallest != no_operation) return;
    for (std::uint32_t empty : pending_empties_) {
      empty_done_[empty] = 1;
      if (wants_order_) witness_.push_back(contents_.empties[empty]);
    }
    pending_empties_.clear();
  }

  void add(std::uint32_t item) {
    if (!wants_order_ || added_[item] != 0) return;
    added_[item] = 1;
    witness_.push_back(items_[item].add);
  }

  Decision failure(Event event) {
    if (event.kind == Kind::empty_ends) {
      return covered_empty(operations_, contents_, contents_.empties[event.which]);
    }
    const Item& late = items_[event.which];
    Pattern pattern{.name = "priority-inversion",
                    .theorem = "Lee and Mathur: OOPSLA 2025, priority queues",
                    .operations = {},
                    .explanation =
                        "a value was taken although a smaller one was inside all the "
                        "time."};
    cite(late, pattern);
    for (std::uint32_t i : cover(items_, late.take_call, late.take_return,
                                 [&](const Item& item) { return item.value < late.value; })) {
      cite(items_[i], pattern);
    }
    return refuted(std::move(pattern));
  }

  std::span<const Operation> operations_;
  const Contents& contents_;
  const std::vector<Item>& items_;
  bool wants_order_;
  std::vector<std::uint32_t> rank_;
  std::vector<std::uint32_t> item_of_;  // by rank
  std::vector<Event> events_;
  std::vector<Keyed> order_;
  Ranks inside_;  // surely
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> pending_;
  std::vector<std::uint32_t> pending_empties_;
  std::vector<std::uint8_t> added_;
  std::vector<std::uint8_t> gone_;
  std::vector<std::uint8_t> empty_done_;
  std::vector<std::uint32_t> witness_;
};

}  // namespace

Decision priority_queue_monitor(std::span<const Operation> operations, bool wants_order) {
  Contents contents;
  if (std::optional<Decision> settled = pair_up(operations, contents)) return *settled;
  Decision decision = Sweep(operations, contents, wants_order).run();
  return contents.crashed_takes.empty() || is_firm(operations, decision) ? decision : Decision{};
}

}  // namespace sunder::linearizable
