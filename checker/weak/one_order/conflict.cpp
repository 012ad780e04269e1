#include "checker/weak/one_order/conflict.h"

#include <algorithm>

namespace sunder::weak::one_order {
namespace {

constexpr std::uint32_t alternatives_weight = 1000;  // circles without them are simpler

}  // namespace

Conflict::Conflict(const Instance& instance, const Schedule& schedule, const Lessons& lessons)
    : instance_(instance), schedule_(schedule), lessons_(lessons), ways_(instance.chains()) {}

// Of each chain the first read that the write `slot` waits on.
template <typename Visit>
void Conflict::each_unread(Slot slot, Visit visit) const {
  Slot present = schedule_.present(instance_.key[slot]);
  std::uint32_t weight = instance_.is_initial(present) || is_forced(present, slot) ? 0 : 1;
  auto readers = instance_.readers(present);
  auto at = readers.begin();
  while (at != readers.end()) {
    std::uint32_t chain = instance_.chain[*at];
    auto end = std::lower_bound(at, readers.end(), instance_.chain_begin[chain + 1]);
    auto unread = std::lower_bound(at, end, schedule_.front(chain));
    if (unread != end) {
      visit(Wait{.waiting = slot, .on = *unread, .why = Why::antidependency}, weight);
    }
    at = end;
  }
}

// Everything that the front operation `slot` waits on, with the number of broken pairs that make
// it.
template <typename Visit>
void Conflict::each_wait(Slot slot, Visit visit) const {
  if (!instance_.is_write(slot)) {
    Slot value = instance_.value[slot];
    if (!schedule_.done(value)) visit(Wait{slot, value, Why::reads_from, no_lesson}, 0U);
    return;
  }
  if (!instance_.earlier.empty() && instance_.earlier[slot] != nowhere &&
      !schedule_.done(instance_.earlier[slot])) {
    visit(Wait{slot, instance_.earlier[slot], Why::session, no_lesson}, 0U);
  }
  if (!instance_.returned_before.empty() &&
      schedule_.returned() < instance_.returned_before[slot]) {
    visit(Wait{slot, schedule_.first_not_returned(), Why::real_time, no_lesson}, 0U);
  }
  if (schedule_.has_unread(instance_.key[slot])) each_unread(slot, visit);
  lessons_.any_of(slot, [&](LessonId id, Slot first) {
    Lesson lesson = lessons_[id];
    if (forbids(schedule_, lesson, slot)) {
      Wait wait{slot, first, Why::overwritten, id};
      visit(wait, static_cast<std::uint32_t>(lesson.pairs.size() - 1) +
                      (has_alternatives(wait) ? alternatives_weight : 0));
    }
    return false;
  });
}

// Whether a performed write comes before another in every legal order, as far as is seen at once.
bool Conflict::is_forced(Slot first, Slot second) const {
  if (instance_.chain[first] == instance_.chain[second]) return true;
  if (!instance_.returned_before.empty() &&
      instance_.return_rank[first] < instance_.returned_before[second]) {
    return true;
  }
  return false;
}

// Some circle, by the lightest wait of each front. Its weight; UINT32_MAX if there is none.
std::uint32_t Conflict::walk(std::uint32_t chain, Found& found) {
  ++stamp_;
  std::vector<Wait> waits;
  std::uint32_t weight = 0;
  while (ways_[chain].stamp != stamp_) {
    Way& way = ways_[chain];
    way = Way{.stamp = stamp_, .weight = weight, .from = static_cast<std::uint32_t>(waits.size())};
    std::uint32_t lightest = UINT32_MAX;
    each_wait(schedule_.front(chain), [&](const Wait& wait, std::uint32_t its_weight) {
      if (its_weight >= lightest) return;
      lightest = its_weight;
      way.wait = wait;
    });
    if (lightest == UINT32_MAX) {
      found.free_chain = chain;
      return UINT32_MAX;
    }
    weight += lightest;
    waits.push_back(way.wait);
    chain = instance_.chain[way.wait.on];
  }
  waits.erase(waits.begin(), waits.begin() + ways_[chain].from);
  found.waits = std::move(waits);
  return weight - ways_[chain].weight;
}

// Dijkstra over chains, back to where it began. Only below the bound.
bool Conflict::lightest_circle(std::uint32_t chain, std::uint32_t bound, std::vector<Wait>& circle,
                               std::uint32_t& weight) {
  ++stamp_;
  using Entry = std::pair<std::uint32_t, std::uint32_t>;  // weight, chain
  std::vector<Entry> heap{{0, chain}};
  constexpr std::uint32_t expanded_limit = 200;
  std::uint32_t expanded = 0;
  Way back;
  back.weight = bound;
  bool closed = false;
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), std::greater<>());
    auto [so_far, from] = heap.back();
    heap.pop_back();
    if (so_far >= back.weight) break;
    if (from != chain && ways_[from].weight < so_far) continue;
    if (++expanded > expanded_limit) break;
    each_wait(schedule_.front(from),
              [&, so_far = so_far, from = from](const Wait& wait, std::uint32_t more) {
                std::uint32_t to = instance_.chain[wait.on];
                Way& way = to == chain ? back : ways_[to];
                bool known = to == chain || way.stamp == stamp_;
                if (known && way.weight <= so_far + more) return;
                way = Way{.stamp = stamp_, .weight = so_far + more, .from = from, .wait = wait};
                if (to == chain) {
                  closed = true;
                } else {
                  heap.push_back({way.weight, to});
                  std::push_heap(heap.begin(), heap.end(), std::greater<>());
                }
              });
  }
  if (!closed) return false;
  weight = back.weight;
  circle.assign(1, back.wait);
  for (std::uint32_t at = back.from; at != chain; at = ways_[at].from) {
    circle.push_back(ways_[at].wait);
  }
  std::reverse(circle.begin(), circle.end());
  return true;
}

bool Conflict::has_alternatives(const Wait& wait) const {
  if (wait.lesson == no_lesson) return false;
  Lesson lesson = lessons_[wait.lesson];
  return std::count_if(lesson.pairs.begin(), lesson.pairs.end(),
                       [&](const Pair& pair) { return pair.second == wait.waiting; }) > 1;
}

// For each front that is reached the lightest of its waits, with all of the wait's alternatives.
// Whichever of these fronts comes first in an order, what it waits on would have to come before.
Conflict::Found Conflict::closed_waits(std::uint32_t chain) {
  ++stamp_;
  Found found;
  ways_[chain].stamp = stamp_;
  std::vector<std::uint32_t> reached{chain};
  std::vector<Wait>& waits = found.waits;
  for (std::size_t i = 0; i < reached.size(); ++i) {
    Wait lightest;
    std::uint32_t weight = UINT32_MAX;
    each_wait(schedule_.front(reached[i]), [&](const Wait& wait, std::uint32_t its_weight) {
      if (its_weight >= weight) return;
      weight = its_weight;
      lightest = wait;
    });
    if (weight == UINT32_MAX) return Found{.waits = {}, .free_chain = reached[i]};
    std::size_t first = waits.size();
    waits.push_back(lightest);
    if (has_alternatives(lightest)) {
      waits.pop_back();
      for (const Pair& pair : lessons_[lightest.lesson].pairs) {
        if (pair.second != lightest.waiting) continue;
        waits.push_back({lightest.waiting, pair.first, Why::overwritten, lightest.lesson});
      }
    }
    for (; first < waits.size(); ++first) {
      std::uint32_t next = instance_.chain[waits[first].on];
      if (ways_[next].stamp == stamp_) continue;
      ways_[next].stamp = stamp_;
      reached.push_back(next);
    }
  }
  return found;
}

Conflict::Found Conflict::find(std::uint32_t chain) {
  constexpr std::size_t starts_limit = 4;
  Found found;
  std::uint32_t weight = walk(chain, found);
  std::vector<std::uint32_t> starts;
  for (const Wait& wait : found.waits) {
    if (starts.size() < starts_limit) starts.push_back(instance_.chain[wait.waiting]);
  }
  for (std::uint32_t start : starts) {
    if (weight > 0) lightest_circle(start, weight, found.waits, weight);
  }
  if (weight == UINT32_MAX || weight < alternatives_weight) return found;
  return closed_waits(instance_.chain[found.waits.front().waiting]);
}

std::vector<Pair> Conflict::broken_pairs(std::span<const Wait> waits, Slot& because) const {
  std::vector<Pair> pairs;
  because = nowhere;
  for (const Wait& wait : waits) {
    if (wait.why == Why::antidependency) {
      Slot present = instance_.value[wait.on];
      if (instance_.is_initial(present) || is_forced(present, wait.waiting)) continue;
      pairs.push_back({wait.waiting, present});
      because = wait.on;
    } else if (wait.lesson != no_lesson) {
      for (const Pair& pair : lessons_[wait.lesson].pairs) {
        if (pair.second != wait.waiting) pairs.push_back(pair);
      }
    }
  }
  if (pairs.size() != 1) because = nowhere;
  auto by_slots = [](const Pair& a, const Pair& b) {
    return std::pair(a.first, a.second) < std::pair(b.first, b.second);
  };
  std::sort(pairs.begin(), pairs.end(), by_slots);
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return pairs;
}

}  // namespace sunder::weak::one_order
