#pragma once
// What has been learnt about the order of writes, and from what: a proof in the making.

#include "checker/weak/one_order/instance.h"

namespace sunder::weak::one_order {

using LessonId = std::uint32_t;
inline constexpr LessonId no_lesson = UINT32_MAX;

/// Two writes of a key: `first` comes before `second`.
struct Pair {
  Slot first;
  Slot second;
  bool operator==(const Pair&) const = default;
};

/// `waiting` cannot be performed before `on`.
struct Wait {
  Slot waiting = nowhere;
  Slot on = nowhere;
  Why why = Why::session;
  LessonId lesson = no_lesson;  // where a lesson demands it
};

/// In every legal order at least one of the pairs stands as it says: were all of them the other way
/// round, the waits would hold, and none could be over first. Without pairs there is no legal
/// order.
struct Lesson {
  std::span<const Pair> pairs;
  /// What each waits on stands, in its chain, at or after the `waiting` of another one: the next
  /// one where the waits are a circle, which they are if no write waits on any of several others.
  std::span<const Wait> waits;
  Slot because = nowhere;  // of one pair: the read of `second` that `first` comes before
};

/// Lessons are numbered in order, so that each rests on earlier ones only.
class Lessons {
 public:
  explicit Lessons(std::size_t slots) : last_of_(slots, no_lesson) {}

  LessonId add(std::span<const Pair> pairs, std::span<const Wait> waits, Slot because);
  Lesson operator[](LessonId id) const {
    const Entry& entry = entries_[id];
    return {.pairs = {pairs_.data() + entry.pairs_begin, entry.pairs},
            .waits = {waits_.data() + entry.waits_begin, entry.waits},
            .because = entry.because};
  }
  std::size_t count() const { return entries_.size(); }

  /// Calls visit(id, first) for each lesson with a pair whose second is `write`, until it is true.
  template <typename Visit>
  bool any_of(Slot write, Visit visit) const {
    for (std::uint32_t at = last_of_[write]; at != no_lesson; at = links_[at].next) {
      if (visit(links_[at].lesson, links_[at].first)) return true;
    }
    return false;
  }

  std::size_t bytes() const {
    return entries_.size() * sizeof(Entry) + pairs_.size() * (sizeof(Pair) + sizeof(Link)) +
           waits_.size() * sizeof(Wait);
  }

 private:
  struct Entry {
    std::size_t pairs_begin;
    std::size_t waits_begin;
    std::uint32_t pairs;
    std::uint32_t waits;
    Slot because;
  };
  struct Link {
    LessonId lesson;
    Slot first;
    std::uint32_t next;
  };

  std::vector<Entry> entries_;
  std::vector<Pair> pairs_;
  std::vector<Wait> waits_;
  std::vector<Link> links_;             // one for each pair
  std::vector<std::uint32_t> last_of_;  // by second: its last link
};

}  // namespace sunder::weak::one_order
