#include "checker/weak/one_order/schedule.h"

#include <algorithm>

namespace sunder::weak::one_order {

Schedule::Schedule(const Instance& instance)
    : instance_(instance),
      front_(instance.chain_begin.begin(), instance.chain_begin.end() - 1),
      when_(instance.size(), 0) {
  for (std::int32_t key = 0; key < instance.keys; ++key) {
    Slot value = instance.initial_of(key);
    present_.push_back(value);
    unread_.push_back(static_cast<std::uint32_t>(instance.readers(value).size()));
  }
  steps_.reserve(instance.size());
}

void Schedule::perform(Slot slot) {
  std::size_t key = at(instance_.key[slot]);
  steps_.push_back({slot, present_[key]});
  when_[slot] = static_cast<std::uint32_t>(steps_.size());
  ++front_[instance_.chain[slot]];
  if (instance_.is_write(slot)) {
    present_[key] = slot;
    unread_[key] = static_cast<std::uint32_t>(instance_.readers(slot).size());
  } else {
    --unread_[key];
  }
  while (returned_ < instance_.by_return.size() && done(first_not_returned())) ++returned_;
}

Slot Schedule::undo() {
  auto [slot, overwritten] = steps_.back();
  steps_.pop_back();
  std::size_t key = at(instance_.key[slot]);
  --front_[instance_.chain[slot]];
  if (instance_.is_write(slot)) {
    present_[key] = overwritten;
    unread_[key] = 0;
  } else {
    ++unread_[key];
  }
  if (!instance_.by_return.empty()) returned_ = std::min(returned_, instance_.return_rank[slot]);
  return slot;
}

std::vector<Slot> Schedule::order() const {
  std::vector<Slot> order;
  order.reserve(steps_.size());
  for (const Step& step : steps_) order.push_back(step.slot);
  return order;
}

}  // namespace sunder::weak::one_order
