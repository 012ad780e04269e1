// FIFO queues.
//
// One value must go through the queue before another when it was put in, or taken, wholly before
// it. Without a pair of values that must each go first, and with an instant without surely queued
// values for every take that found nothing, the history is linearizable. A value that was gone
// although nobody is known to have taken it was taken by a call of unknown outcome, each of which
// took one at most.

#include <algorithm>
#include <numeric>

#include "checker/linearizable/monitors/contents.h"
#include "checker/linearizable/monitors/monitors.h"

namespace sunder::linearizable {
namespace {

using Outcome = Decision::Outcome;

template <class Key>
std::vector<Keyed> sorted_by(const std::vector<Item>& items, Key key) {
  std::vector<Keyed> order(items.size());
  for (std::uint32_t i = 0; i < items.size(); ++i) order[i] = {key(items[i]), i};
  sort_by_key(order);
  return order;
}

/// A pair of items of which the first was put in wholly before the second, and the second taken
/// wholly before the first.
std::optional<std::pair<std::uint32_t, std::uint32_t>> inversion(const std::vector<Item>& items) {
  std::vector<Keyed> by_return = sorted_by(items, [](const Item& item) { return item.add_return; });
  std::size_t next = 0;
  std::uint32_t last_taken = no_operation;  // of those put in before, the one taken last
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    for (; next < by_return.size() && by_return[next].key < items[i].add_call; ++next) {
      std::uint32_t before = by_return[next].index;
      bool later =
          last_taken == no_operation || items[before].take_call > items[last_taken].take_call;
      if (later) last_taken = before;
    }
    if (last_taken != no_operation && items[last_taken].take_call > items[i].take_return) {
      return std::pair(last_taken, i);
    }
  }
  return {};
}

Decision fifo_inversion(const std::vector<Item>& items, std::uint32_t first, std::uint32_t second) {
  Pattern pattern{.name = "fifo-inversion",
                  .theorem = "Bouajjani, Emmi, Enea, Hamza: ICALP 2015, section 5",
                  .operations = {},
                  .explanation = "of two values the later one was taken first."};
  cite(items[second], pattern);
  cite(items[first], pattern);
  return refuted(std::move(pattern));
}

/// Puts the values of one segment in an order that both their adds and their takes allow. The
/// values come in order of their adds' calls.
class Ordering {
 public:
  Ordering(const std::vector<Item>& items, std::vector<std::uint32_t> values)
      : items_(items), values_(std::move(values)), waits_(values_.size(), 2) {}

  /// The values in that order; fewer when there is none.
  std::vector<std::uint32_t> take() {
    Side adds(
        *this, [](const Item& item) { return item.add_call; },
        [](const Item& item) { return item.add_return; });
    Side takes(
        *this, [](const Item& item) { return item.take_call; },
        [](const Item& item) { return item.take_return; });
    std::vector<std::uint32_t> order;
    done_.resize(values_.size());
    adds.release(*this);
    takes.release(*this);
    while (!ready_.empty()) {
      std::uint32_t at = ready_.back();
      ready_.pop_back();
      done_[at] = true;
      order.push_back(values_[at]);
      adds.release(*this);
      takes.release(*this);
    }
    return order;
  }

 private:
  /// The adds, or the takes: a value waits for all that returned before its call.
  struct Side {
    template <class Call, class Return>
    Side(const Ordering& all, Call call, Return returned) {
      for (std::uint32_t at = 0; at < all.values_.size(); ++at) {
        calls.push_back({call(all.items_[all.values_[at]]), at});
        returns.push_back({returned(all.items_[all.values_[at]]), at});
      }
      sort_by_key(calls);
      sort_by_key(returns);
    }

    void release(Ordering& all) {
      while (first_return < returns.size() && all.done_[returns[first_return].index]) {
        ++first_return;
      }
      std::uint32_t limit = first_return < returns.size() ? returns[first_return].key : open_end;
      for (; next_call < calls.size() && calls[next_call].key <= limit; ++next_call) {
        std::uint32_t at = calls[next_call].index;
        if (--all.waits_[at] == 0) all.ready_.push_back(at);
      }
    }

    std::vector<Keyed> calls;
    std::vector<Keyed> returns;
    std::size_t next_call = 0;
    std::size_t first_return = 0;
  };

  const std::vector<Item>& items_;
  std::vector<std::uint32_t> values_;
  std::vector<std::uint8_t> waits_;  // for how many sides
  std::vector<bool> done_;
  std::vector<std::uint32_t> ready_;
};

/// Writes adds and takes in the order of the values, each as early as its call allows.
class Writer {
 public:
  Writer(const std::vector<Item>& items, std::vector<std::uint32_t>& order)
      : items_(items), order_(order) {}

  void write(const std::vector<std::uint32_t>& values) {
    struct Point {
      std::uint32_t added;
      std::uint32_t taken;
    };
    std::vector<Point> points;
    Point last{0, 0};
    for (std::uint32_t value : values) {
      last.added = std::max(last.added, items_[value].add_call);
      last.taken = std::max({last.taken, last.added, items_[value].take_call});
      points.push_back(last);
    }
    std::size_t added = 0;
    for (std::size_t taken = 0; taken < values.size(); ++taken) {
      while (added < values.size() && points[added].added <= points[taken].taken) {
        order_.push_back(items_[values[added++]].add);
      }
      if (items_[values[taken]].taken()) order_.push_back(items_[values[taken]].take);
    }
  }

 private:
  const std::vector<Item>& items_;
  std::vector<std::uint32_t>& order_;
};

/// The linearization: before every instant at which the queue was found empty, all values that can
/// have gone by then, in their order.
std::optional<std::vector<std::uint32_t>> witness(const Contents& contents,
                                                  const std::vector<std::uint32_t>& instants) {
  std::vector<Keyed> empties(instants.size());
  for (std::uint32_t i = 0; i < instants.size(); ++i) empties[i] = {instants[i], i};
  sort_by_key(empties);
  std::vector<std::vector<std::uint32_t>> segments(empties.size() + 1);
  for (std::uint32_t i = 0; i < contents.items.size(); ++i) {
    auto segment =
        std::lower_bound(empties.begin(), empties.end(), contents.items[i].take_call,
                         [](const Keyed& empty, std::uint32_t call) { return empty.key < call; });
    segments[static_cast<std::size_t>(segment - empties.begin())].push_back(i);
  }
  std::vector<std::uint32_t> order;
  Writer writer(contents.items, order);
  for (std::size_t segment = 0; segment < segments.size(); ++segment) {
    std::size_t values = segments[segment].size();
    std::vector<std::uint32_t> ordered =
        Ordering(contents.items, std::move(segments[segment])).take();
    if (ordered.size() != values) return {};
    writer.write(ordered);
    if (segment < empties.size()) order.push_back(contents.empties[empties[segment].index]);
  }
  return order;
}

Decision judge(std::span<const Operation> operations, const Contents& contents, bool wants_order) {
  if (auto pair = inversion(contents.items)) {
    return fifo_inversion(contents.items, pair->first, pair->second);
  }
  std::uint32_t failed = no_operation;
  auto instants = place_empties(operations, contents, failed);
  if (!instants) return covered_empty(operations, contents, failed);
  Decision decision{.outcome = Outcome::linearizable};
  if (!wants_order) return decision;
  auto order = witness(contents, *instants);
  if (!order) return {};
  decision.order = std::move(*order);
  return decision;
}

/// A value that nobody is known to have taken, and that was gone when a take returned: of a value
/// that came after it, or of nothing.
struct Demand {
  std::uint32_t gone_by;  // that take's return
  std::uint32_t item;
};

/// The values that only crashed takes can have taken, in order of the moment by which they did.
std::vector<Demand> demands_of(std::span<const Operation> operations, const Contents& contents) {
  const std::vector<Item>& items = contents.items;
  // The returns of takes of values that were put in after an instant, or of empty takes called
  // after it: from the last one to the first.
  std::vector<Keyed> ends;
  for (const Item& item : items) {
    if (item.taken()) ends.push_back({item.add_call, item.take_return});
  }
  for (std::uint32_t empty : contents.empties) {
    ends.push_back({operations[empty].invoked, operations[empty].returned});
  }
  sort_by_key(ends);
  std::vector<Keyed> left;
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    if (!items[i].taken()) left.push_back({items[i].add_return, i});
  }
  sort_by_key(left);
  std::vector<Keyed> gone;
  std::uint32_t earliest = open_end;
  for (; !left.empty(); left.pop_back()) {
    for (; !ends.empty() && ends.back().key > left.back().key; ends.pop_back()) {
      earliest = std::min(earliest, ends.back().index);
    }
    if (earliest != open_end) gone.push_back({earliest, left.back().index});
  }
  std::reverse(gone.begin(), gone.end());
  sort_by_key(gone);
  std::vector<Demand> demands;
  for (const Keyed& one : gone) demands.push_back({one.key, one.index});
  return demands;
}

/// How many of the first demands are one more than the takes that can have met them; 0: none are.
std::size_t unmet(std::span<const Operation> operations, const Contents& contents,
                  const std::vector<Demand>& demands) {
  const std::vector<std::uint32_t>& takes = contents.crashed_takes;
  for (std::size_t i = 0; i < demands.size(); ++i) {
    // Takes come in order of their calls, so those of the first i demands were called in time, too.
    bool met = i < takes.size() && operations[takes[i]].invoked < demands[i].gone_by;
    if (!met) return i + 1;
  }
  return 0;
}

Decision lost_values(std::span<const Operation> operations, const Contents& contents,
                     std::span<const Demand> demands) {
  Pattern pattern{.name = "lost-values",
                  .theorem = "each take takes one value; after Bouajjani, Emmi, Enea, Hamza: "
                             "ICALP 2015, section 5",
                  .operations = {},
                  .explanation = "values were gone that nobody is known to have taken, more "
                                 "of them than calls of unknown outcome can have taken."};
  std::vector<std::uint32_t> moments;
  for (const Demand& demand : demands) {
    pattern.operations.push_back(contents.items[demand.item].add);
    moments.push_back(demand.gone_by);
  }
  auto shows = [&](std::uint32_t returned) {
    return std::binary_search(moments.begin(), moments.end(), returned);
  };
  for (const Item& item : contents.items) {
    if (item.taken() && shows(item.take_return)) cite(item, pattern);
  }
  for (std::uint32_t empty : contents.empties) {
    if (shows(operations[empty].returned)) pattern.operations.push_back(empty);
  }
  return refuted(std::move(pattern));
}

}  // namespace

Decision queue_monitor(std::span<const Operation> operations, bool wants_order) {
  Contents contents;
  if (std::optional<Decision> settled = pair_up(operations, contents)) return *settled;
  Decision decision = judge(operations, contents, wants_order);
  if (contents.crashed_takes.empty() || is_firm(operations, decision)) return decision;
  std::vector<Demand> demands = demands_of(operations, contents);
  if (std::size_t count = unmet(operations, contents, demands); count > 0) {
    return lost_values(operations, contents, std::span(demands).first(count));
  }
  std::vector<std::uint32_t> owners;
  for (const Demand& demand : demands) owners.push_back(demand.item);
  give_to_crashed(operations, contents, owners);
  decision = judge(operations, contents, wants_order);
  if (!is_firm(operations, decision)) return {};
  for (std::size_t i = 0; i < owners.size(); ++i) {
    decision.assigned.emplace_back(contents.crashed_takes[i], contents.items[owners[i]].value);
  }
  return decision;
}

}  // namespace sunder::linearizable
