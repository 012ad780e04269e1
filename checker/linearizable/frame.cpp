#include "checker/linearizable/frame.h"

#include <algorithm>

#include "checker/linearizable/model.h"

namespace sunder::linearizable {
namespace {

std::uint64_t hash_of(const Call& call) {
  std::uint64_t first = std::uint64_t{call.verb} << 32 | static_cast<std::uint32_t>(call.key);
  std::uint64_t second = std::uint64_t{static_cast<std::uint32_t>(call.input)} << 32 |
                         static_cast<std::uint32_t>(call.output);
  return mix(mix(0, first), second);
}

}  // namespace

void Calls::classify() {
  class_of.resize(operations.size());
  std::vector<std::uint32_t> table(64, nobody);
  auto place = [&](const Call& call) {
    std::size_t at = hash_of(call) & (table.size() - 1);
    while (table[at] != nobody && classes[table[at]] != call) at = (at + 1) & (table.size() - 1);
    return at;
  };
  for (std::size_t i = 0; i < operations.size(); ++i) {
    std::size_t at = place(operations[i].call);
    if (table[at] == nobody) {
      table[at] = static_cast<std::uint32_t>(classes.size());
      classes.push_back(operations[i].call);
    }
    class_of[i] = table[at];
    if (2 * classes.size() > table.size()) {
      table.assign(table.size() * 4, nobody);
      for (std::uint32_t cls = 0; cls < classes.size(); ++cls) table[place(classes[cls])] = cls;
    }
  }
}

void Calls::order_returns() {
  for (std::uint32_t i = 0; i < operations.size(); ++i) {
    if (!operations[i].crashed()) returns.push_back(i);
  }
  std::sort(returns.begin(), returns.end(), [&](std::uint32_t a, std::uint32_t b) {
    return operations[a].returned < operations[b].returned;
  });
}

Frame::Frame(const Calls& calls, std::uint32_t from, std::uint32_t to)
    : calls_(calls), crash_of_(calls.classes.size(), nobody) {
  to = std::min<std::uint32_t>(to, static_cast<std::uint32_t>(calls.returns.size()));
  auto returned = [&](std::uint32_t number) {
    return calls.operations[calls.returns[number]].returned;
  };
  std::uint32_t window_begin = from == 0 ? 0 : returned(from - 1) + 1;
  std::uint32_t window_end = to == calls.returns.size() ? open_end : returned(to - 1);
  std::uint32_t next = from;  // the next return
  std::vector<std::uint32_t> slot_of(calls.operations.size(), nobody);
  std::vector<std::uint32_t> free;
  auto pass_returns_before = [&](std::uint32_t position) {
    for (; next < to && returned(next) < position; ++next) {
      std::uint32_t operation = calls.returns[next];
      std::uint32_t slot = slot_of[operation];
      if (slot == nobody) continue;  // was pending when the window began
      barriers_.push_back({operation, slot, static_cast<std::uint32_t>(begins_.size())});
      free.push_back(slot);
    }
  };
  for (std::uint32_t i = 0; i < calls.operations.size(); ++i) {
    const Operation& operation = calls.operations[i];
    if (operation.invoked > window_end) break;
    if (operation.returned < window_begin) continue;
    pass_returns_before(operation.invoked);
    if (operation.crashed() || operation.invoked < window_begin) {
      if (!observes(calls.class_of[i])) add_crashed(i);
      continue;
    }
    if (free.empty()) free.push_back(slots_++);
    slot_of[i] = free.back();
    free.pop_back();
    begins_.push_back({i, calls.class_of[i], slot_of[i]});
  }
  pass_returns_before(open_end);
}

void Frame::add_crashed(std::uint32_t operation) {
  std::uint32_t cls = calls_.class_of[operation];
  if (crash_of_[cls] == nobody) {
    crash_of_[cls] = crash_classes();
    class_of_crash_.push_back(cls);
    crashed_.emplace_back();
  }
  crashed_[crash_of_[cls]].push_back(operation);
  begins_.push_back({operation, cls, nobody});
}

void Cursor::enter() {
  if (at_end()) return;
  std::uint32_t first = at_ == 0 ? 0 : frame_.barriers()[at_ - 1].begins;
  for (std::uint32_t i = first; i < frame_.barriers()[at_].begins; ++i) {
    const Frame::Begin& begin = frame_.begins()[i];
    if (begin.slot == nobody) {
      ++available_[frame_.crash_of(begin.cls)];
      continue;
    }
    std::uint32_t returned = frame_.calls().operations[begin.operation].returned;
    auto place = pending_.end();
    while (place != pending_.begin() &&
           frame_.calls().operations[(place - 1)->operation].returned > returned) {
      --place;
    }
    pending_.insert(place, {begin.operation, begin.slot, begin.cls});
  }
}

void Cursor::leave() {
  if (at_end()) return;
  std::uint32_t first = at_ == 0 ? 0 : frame_.barriers()[at_ - 1].begins;
  for (std::uint32_t i = first; i < frame_.barriers()[at_].begins; ++i) {
    const Frame::Begin& begin = frame_.begins()[i];
    if (begin.slot == nobody) {
      --available_[frame_.crash_of(begin.cls)];
      continue;
    }
    std::erase_if(pending_, [&](const Pending& p) { return p.operation == begin.operation; });
  }
}

void Cursor::forward() {
  pending_.erase(pending_.begin());
  ++at_;
  enter();
}

void Cursor::backward() {
  leave();
  --at_;
  const Frame::Barrier& barrier = frame_.barriers()[at_];
  pending_.insert(pending_.begin(),
                  {barrier.operation, barrier.slot, frame_.calls().class_of[barrier.operation]});
}

}  // namespace sunder::linearizable
