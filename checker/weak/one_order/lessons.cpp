#include "checker/weak/one_order/lessons.h"

namespace sunder::weak::one_order {

LessonId Lessons::add(std::span<const Pair> pairs, std::span<const Wait> waits, Slot because) {
  auto id = static_cast<LessonId>(entries_.size());
  entries_.push_back({pairs_.size(), waits_.size(), because});
  for (const Pair& pair : pairs) {
    links_.push_back({id, pair.first, last_of_[pair.second]});
    last_of_[pair.second] = static_cast<std::uint32_t>(links_.size() - 1);
  }
  pairs_.insert(pairs_.end(), pairs.begin(), pairs.end());
  waits_.insert(waits_.end(), waits.begin(), waits.end());
  return id;
}

Lesson Lessons::operator[](LessonId id) const {
  const Entry& entry = entries_[id];
  bool is_last = id + 1 == entries_.size();
  std::size_t pairs_end = is_last ? pairs_.size() : entries_[id + 1].pairs_begin;
  std::size_t waits_end = is_last ? waits_.size() : entries_[id + 1].waits_begin;
  return {.pairs = std::span(pairs_).subspan(entry.pairs_begin, pairs_end - entry.pairs_begin),
          .waits = std::span(waits_).subspan(entry.waits_begin, waits_end - entry.waits_begin),
          .because = entry.because};
}

}  // namespace sunder::weak::one_order
