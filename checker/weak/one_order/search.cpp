#include "checker/weak/one_order/search.h"

#include <algorithm>

namespace sunder::weak::one_order {
namespace {

template <typename Item>
void push(std::vector<Item>& heap, Item item) {
  heap.push_back(item);
  std::push_heap(heap.begin(), heap.end(), std::greater<>());
}

template <typename Item>
Slot pop(std::vector<Item>& heap) {
  std::pop_heap(heap.begin(), heap.end(), std::greater<>());
  Slot slot = heap.back().slot;
  heap.pop_back();
  return slot;
}

}  // namespace

Search::Search(const Instance& instance, const Components& components, Lessons& lessons,
               std::vector<std::uint32_t> ranks, const Limits& limits)
    : instance_(instance),
      components_(components),
      lessons_(lessons),
      ranks_(std::move(ranks)),
      limits_(limits),
      schedule_(instance),
      conflict_(instance, schedule_, lessons),
      end_(instance.chains(), 0),
      places_(instance.chains()),
      lists_(instance.size(), nowhere),
      queued_(instance.chains(), 0),
      writers_(static_cast<std::size_t>(instance.keys)) {}

Search::Outcome Search::run(std::size_t dead_ends_limit) {
  dead_ends_limit_ = dead_ends_limit;
  Outcome outcome = Outcome::found;
  for (std::size_t which = 0; which < components_.count() && outcome == Outcome::found; ++which) {
    auto slots = components_.slots_of(which);
    if (slots.size() > 1) {
      outcome = run_component(slots);
    } else {
      schedule_.perform(slots.front());  // waits only for what was performed
    }
  }
  most_done_ = std::max(most_done_, schedule_.length());
  return outcome;
}

void Search::begin_component(std::span<const Slot> slots) {
  active_.clear();
  ready_.clear();
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
    if (is_impatient()) return Outcome::impatient;
    if (!perform_next() && !learn()) return Outcome::none;
  }
}

bool Search::is_over() {
  if (++ticks_ % 256 != 0) return false;
  return lessons_.bytes() > limits_.memory / 2 || limits_.over();
}

bool Search::is_impatient() const {
  return dead_ends_ > dead_ends_limit_ || undone_ > 16 * (instance_.size() + dead_ends_limit_);
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
    Slot last = instance_.by_return[instance_.returned_before[slot] - 1];
    return schedule_.done(last) ? schedule_.first_not_returned() : last;  // few wait for the same
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
      wait_at(list, slot);
      return;
    }
    if (instance_.is_write(slot) && !instance_.readers(slot).empty()) {
      push(ready_, Ready{ranks_[slot], slot});
      return;
    }
    perform(slot);
  }
}

void Search::perform(Slot slot) {
  schedule_.perform(slot);
  wake(slot);
  wake_writer(instance_.key[slot]);
}

// Performs the ready write of the lowest rank, if there is one.
bool Search::perform_next() {
  while (!ready_.empty()) {
    Slot slot = pop(ready_);
    if (!is_front(slot)) {  // of before an undoing
      wake_writer(instance_.key[slot]);
      continue;
    }
    List list = waits_at(slot);
    if (list != nowhere) {
      wait_at(list, slot);
      continue;
    }
    perform(slot);
    queue(instance_.chain[slot]);
    return true;
  }
  return false;
}

void Search::wait_at(List list, Slot slot) {
  std::int32_t key = instance_.key[slot];
  if (list >= instance_.size()) {
    push(writers_[static_cast<std::size_t>(key)], Ready{ranks_[slot], slot});
    return;
  }
  enlist(instance_.chain[slot], list);
  if (instance_.is_write(slot)) wake_writer(key);  // it was this one's turn
}

bool Search::is_front(Slot slot) const {
  std::uint32_t chain = instance_.chain[slot];
  return schedule_.front(chain) == slot && slot < end_[chain];
}

void Search::wake_writer(std::int32_t key) {
  std::vector<Ready>& writers = writers_[static_cast<std::size_t>(key)];
  while (!writers.empty() && !schedule_.has_unread(key)) {
    Slot slot = pop(writers);
    if (!is_front(slot)) continue;
    queue(instance_.chain[slot]);
    return;
  }
}

void Search::wake(Slot slot) {
  for (std::uint32_t chain = lists_[slot]; chain != nowhere;) {
    std::uint32_t next = places_[chain].next;
    places_[chain] = Place{};
    queue(chain);
    chain = next;
  }
  lists_[slot] = nowhere;
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
  most_done_ = std::max(most_done_, schedule_.length());
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
    if (instance_.is_write(slot)) wake_writer(instance_.key[slot]);
  }
}

}  // namespace sunder::weak::one_order
