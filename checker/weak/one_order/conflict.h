#pragma once
// Why no operation can be performed: a circle of operations that wait for each other.

#include "checker/weak/one_order/lessons.h"
#include "checker/weak/one_order/schedule.h"

namespace sunder::weak::one_order {

/// Whether the schedule has the pair the other way round, or will have.
inline bool is_broken(const Schedule& schedule, const Pair& pair) {
  if (!schedule.done(pair.second)) return false;
  return !schedule.done(pair.first) || schedule.when(pair.first) > schedule.when(pair.second);
}

/// Whether a lesson forbids to perform `write` now, which is the second of some of its pairs: one
/// of their firsts must come before, as all of its other pairs are broken.
inline bool forbids(const Schedule& schedule, const Lesson& lesson, Slot write) {
  for (const Pair& pair : lesson.pairs) {
    bool still = pair.second == write ? !schedule.done(pair.first) : is_broken(schedule, pair);
    if (!still) return false;
  }
  return true;
}

class Conflict {
 public:
  Conflict(const Instance& instance, const Schedule& schedule, const Lessons& lessons);

  struct Found {
    std::vector<Wait> waits;       // as in a lesson
    std::uint32_t free_chain = 0;  // without waits: its front can be performed
  };
  /// Waits in a circle, of few broken pairs, among what the front of a chain waits for, directly or
  /// not. Where a lesson has a write wait on any of several others: waits from which none leads
  /// out.
  Found find(std::uint32_t chain);

  /// The pairs that are broken in such waits, without repetition: were they not, the waits would
  /// not be. `because`: of one pair, the read that `first` comes before, if that is why.
  std::vector<Pair> broken_pairs(std::span<const Wait> waits, Slot& because) const;

 private:
  struct Way {
    std::uint32_t stamp = 0;
    std::uint32_t weight = 0;
    std::uint32_t from = 0;  // chain
    Wait wait;
  };

  template <typename Visit>
  void each_wait(Slot slot, Visit visit) const;
  template <typename Visit>
  void each_unread(Slot slot, Visit visit) const;
  bool is_forced(Slot first, Slot second) const;
  bool has_alternatives(const Wait& wait) const;
  std::uint32_t walk(std::uint32_t chain, Found& found);
  Found closed_waits(std::uint32_t chain);
  bool lightest_circle(std::uint32_t chain, std::uint32_t bound, std::vector<Wait>& circle,
                       std::uint32_t& weight);

  const Instance& instance_;
  const Schedule& schedule_;
  const Lessons& lessons_;
  std::vector<Way> ways_;  // by chain
  std::uint32_t stamp_ = 0;
};

}  // namespace sunder::weak::one_order
