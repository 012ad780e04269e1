#include "checker/weak/one_order/search.h"

#include <algorithm>

namespace sunder::weak::one_order {

Search::Search(const Instance& instance, const Components& components, Lessons& lessons,
               std::span<const std::uint32_t> ranks, const Limits& limits)
    : instance_(instance),
      components_(components),
      lessons_(lessons),
      ranks_(ranks),
      limits_(limits),
      schedule_(instance),
      conflict_(instance, schedule_, lessons),
      end_(instance.chains(), 0),
      places_(instance.chains()),
      lists_(instance.size() + static_cast<std::size_t>(instance.keys), nowhere),
      queued_(instance.chains(), 0) {}

Search::Outcome Search::run() {
  for (component_ = 0; component_ < components_.count(); ++component_) {
    auto slots = components_.slots_of(component_);
    if (slots.size() == 1) {  // waits only for what was performed
      schedule_.perform(slots.front());
      continue;
    }
    Outcome outcome = run_component(slots);
    if (outcome != Outcome::found) return outcome;
  }
  largest_ = schedule_.length();
  return Outcome::found;
}

void Search::begin_component(std::span<const Slot> slots) {
  active_.clear();
  ready_.clear();
  first_active_ = 0;
  for (Slot slot : slots) {
    std::uint32_t chain = instance_.chain[slot];
    if (active_.empty() || active_.back() != chain) active_.push_back(chain);
    end_[chain] = slot + 1;
  }
  for (std::uint32_t chain : active_) queue(chain);
}

Search::Outcome Search::run_component(std::span<const Slot> slots) {
  begin_component(slots);
  std::size_t all = schedule_.length() + slots.size();
  while (true) {
    while (!queue_.empty()) {
      std::uint32_t chain = queue_.back();
      queue_.pop_back();
      queued_[chain] = 0;
      examine(chain);
    }
    if (schedule_.length() == all) return Outcome::found;
    if (is_over()) return Outcome::over;
    if (!perform_next() && !learn()) return Outcome::none;
  }
}

bool Search::is_over() {
  if (++ticks_ % 256 != 0) return false;
  return lessons_.bytes() > limits_.memory / 2 || limits_.over();
}

void Search::queue(std::uint32_t chain) {
  if (queued_[chain] != 0) return;
  queued_[chain] = 1;
  queue_.push_back(chain);
}

// Where the front operation of a chain has to wait; nowhere when it can be performed.
Search::List Search::waits_at(Slot slot) const {
  if (!instance_.is_write(slot)) {
    Slot value = instance_.value[slot];
    return schedule_.done(value) ? nowhere : value;
  }
  if (!instance_.earlier.empty()) {
    Slot read = instance_.earlier[slot];
    if (read != nowhere && !schedule_.done(read)) return read;
  }
  if (!instance_.returned_before.empty() &&
      schedule_.returned() < instance_.returned_before[slot]) {
    return schedule_.first_not_returned();
  }
  if (schedule_.has_unread(instance_.key[slot])) return instance_.initial_of(instance_.key[slot]);
  List list = nowhere;
  lessons_.any_of(slot, [&](LessonId id, Slot first) {
    if (!forbids(schedule_, lessons_[id], slot)) return false;
    list = first;
    return true;
  });
  return list;
}

void Search::examine(std::uint32_t chain) {
  unlist(chain);
  while (schedule_.front(chain) < end_[chain]) {
    Slot slot = schedule_.front(chain);
    List list = waits_at(slot);
    if (list != nowhere) {
      enlist(chain, list);
      return;
    }
    if (instance_.is_write(slot) && !instance_.readers(slot).empty()) {
      ready_.push_back({ranks_[slot], slot});
      std::push_heap(ready_.begin(), ready_.end(), std::greater<>());
      return;
    }
    perform(slot);
  }
}

void Search::perform(Slot slot) {
  schedule_.perform(slot);
  wake(slot);
  std::int32_t key = instance_.key[slot];
  if (!schedule_.has_unread(key)) wake(instance_.initial_of(key));
}

// Performs the ready write of the lowest rank, if there is one.
bool Search::perform_next() {
  while (!ready_.empty()) {
    std::pop_heap(ready_.begin(), ready_.end(), std::greater<>());
    Slot slot = ready_.back().slot;
    ready_.pop_back();
    std::uint32_t chain = instance_.chain[slot];
    if (schedule_.front(chain) != slot || slot >= end_[chain]) continue;  // of before an undoing
    List list = waits_at(slot);
    if (list != nowhere) {
      enlist(chain, list);
      continue;
    }
    perform(slot);
    queue(chain);
    return true;
  }
  return false;
}

void Search::wake(List list) {
  for (std::uint32_t chain = lists_[list]; chain != nowhere;) {
    std::uint32_t next = places_[chain].next;
    places_[chain] = Place{};
    queue(chain);
    chain = next;
  }
  lists_[list] = nowhere;
}

void Search::enlist(std::uint32_t chain, List list) {
  unlist(chain);
  std::uint32_t next = lists_[list];
  places_[chain] = Place{.list = list, .next = next};
  if (next != nowhere) places_[next].previous = chain;
  lists_[list] = chain;
}

void Search::unlist(std::uint32_t chain) {
  Place place = places_[chain];
  if (place.list == nowhere) return;
  if (place.next != nowhere) places_[place.next].previous = place.previous;
  if (place.previous != nowhere) {
    places_[place.previous].next = place.next;
  } else {
    lists_[place.list] = place.next;
  }
  places_[chain] = Place{};
}

// False when what was learnt leaves no choice.
bool Search::learn() {
  auto is_done = [&](std::uint32_t chain) { return schedule_.front(chain) == end_[chain]; };
  auto start = std::find_if_not(active_.begin(), active_.end(), is_done);
  Conflict::Found found = conflict_.find(*start);
  if (found.waits.empty()) {  // the order of other writes, on which its wait stood, was undone
    queue(found.free_chain);
    return true;
  }
  ++dead_ends_;
  largest_ = std::max(largest_, schedule_.length());
  Slot because = nowhere;
  std::vector<Pair> pairs = conflict_.broken_pairs(found.waits, because);
  if (!pairs.empty()) undo_to(pairs);
  lessons_.add(pairs, found.waits, because);
  return !pairs.empty();
}

// Before the latest write that is a pair's second: it can now come later.
void Search::undo_to(std::span<const Pair> pairs) {
  std::size_t latest = 0;
  for (const Pair& pair : pairs) {
    latest = std::max<std::size_t>(latest, schedule_.when(pair.second));
  }
  undone_ += schedule_.length() - latest + 1;
  while (schedule_.length() >= latest) {
    Slot slot = schedule_.undo();
    queue(instance_.chain[slot]);
    if (instance_.is_write(slot)) wake(instance_.initial_of(instance_.key[slot]));
  }
}

}  // namespace sunder::weak::one_order
