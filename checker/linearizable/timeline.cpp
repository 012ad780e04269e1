#include "checker/linearizable/timeline.h"

#include <algorithm>

namespace sunder::linearizable {

void Timeline::add_definite(std::size_t operation, std::uint64_t invoked, std::uint64_t returned) {
  ASSERT(begins_.empty() || begins_.back().invoked < invoked);
  ASSERT(invoked < returned);
  begins_.push_back({operation, invoked, nobody});
  barriers_.push_back({operation, returned, 0});
}

void Timeline::add_crashed(std::size_t operation, std::uint64_t invoked, std::size_t cls) {
  ASSERT(begins_.empty() || begins_.back().invoked < invoked);
  begins_.push_back({operation, invoked, cls});
}

void Timeline::build(std::size_t operations) {
  std::sort(barriers_.begin(), barriers_.end(),
            [](const Barrier& a, const Barrier& b) { return a.returned < b.returned; });
  slot_.assign(operations, nobody);
  std::vector<std::size_t> free;
  std::size_t slots = 0;
  std::size_t next = 0;
  for (Barrier& barrier : barriers_) {
    for (; next < begins_.size() && begins_[next].invoked < barrier.returned; ++next) {
      if (begins_[next].cls != nobody) continue;
      if (free.empty()) free.push_back(slots++);
      slot_[begins_[next].operation] = free.back();
      free.pop_back();
    }
    barrier.begins_end = next;
    free.push_back(slot_[barrier.operation]);
  }
  owner_.assign(slots, nobody);
  available_.assign(classes_.size(), 0);
  if (!barriers_.empty()) enter(0);
}

void Timeline::enter(std::size_t barrier) {
  std::size_t from = barrier == 0 ? 0 : barriers_[barrier - 1].begins_end;
  for (std::size_t i = from; i < barriers_[barrier].begins_end; ++i) {
    const Begin& begin = begins_[i];
    if (begin.cls == nobody) {
      owner_[slot_[begin.operation]] = begin.operation;
    } else {
      ++available_[begin.cls];
    }
  }
}

void Timeline::forward() {
  owner_[slot_[barriers_[at_].operation]] = nobody;
  ++at_;
  if (at_ < barriers_.size()) enter(at_);
}

void Timeline::backward() {
  if (at_ < barriers_.size()) {
    for (std::size_t i = barriers_[at_ - 1].begins_end; i < barriers_[at_].begins_end; ++i) {
      const Begin& begin = begins_[i];
      if (begin.cls == nobody) {
        owner_[slot_[begin.operation]] = nobody;
      } else {
        --available_[begin.cls];
      }
    }
  }
  --at_;
  owner_[slot_[barriers_[at_].operation]] = barriers_[at_].operation;
}

}  // namespace sunder::linearizable
