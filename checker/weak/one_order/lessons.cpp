#include "checker/weak/one_order/lessons.h"

namespace sunder::weak::one_order {

LessonId Lessons::add(std::span<const Pair> pairs, std::span<const Wait> waits, Slot because) {
  auto id = static_cast<LessonId>(entries_.size());
  entries_.push_back({.pairs_begin = pairs_.size(),
                      .waits_begin = waits_.size(),
                      .pairs = static_cast<std::uint32_t>(pairs.size()),
                      .waits = static_cast<std::uint32_t>(waits.size()),
                      .because = because});
  for (const Pair& pair : pairs) {
    links_.push_back({id, pair.first, last_of_[pair.second]});
    last_of_[pair.second] = static_cast<std::uint32_t>(links_.size() - 1);
  }
  pairs_.insert(pairs_.end(), pairs.begin(), pairs.end());
  waits_.insert(waits_.end(), waits.begin(), waits.end());
  return id;
}

}  // namespace sunder::weak::one_order
