#include "harness/core/history.h"

#include "harness/core/assert.h"

namespace sunder {

Op OpView::op() const {
  return Op{index, time, process, phase, std::string(verb), value.value(), std::string(error)};
}

History::History() : columns_(std::make_shared<const Columns>()) {}

std::size_t History::size() const { return columns_->time.size(); }

OpView History::operator[](std::size_t index) const {
  const Columns& columns = *columns_;
  ASSERT(index < columns.time.size());
  OpView view{.index = index,
              .time = instant_at(columns.time[index]),
              .process = Process{columns.process[index]},
              .phase = static_cast<Phase>(columns.phase[index]),
              .verb = columns.verbs[columns.verb[index]],
              .value = ValueView(columns.arena.data() + columns.value[index]),
              .error = {},
              .pair = columns.pair[index]};
  if (view.phase == Phase::fail || view.phase == Phase::info) {
    auto found = columns.errors.find(index);
    if (found != columns.errors.end()) view.error = found->second;
  }
  return view;
}

HistoryBuilder::HistoryBuilder() : columns_(std::make_shared<History::Columns>()) {}

std::uint64_t HistoryBuilder::add(const Op& op) {
  History::Columns& columns = *columns_;
  std::uint64_t index = columns.time.size();
  std::uint64_t pair = no_op;
  if (op.phase == Phase::invoke) {
    open_[op.process.id] = index;
  } else if (auto open = open_.find(op.process.id); open != open_.end()) {
    pair = open->second;
    columns.pair[pair] = index;
    open_.erase(open);
  }
  columns.time.push_back(nanoseconds(op.time));
  columns.process.push_back(op.process.id);
  columns.phase.push_back(static_cast<std::uint8_t>(op.phase));
  columns.verb.push_back(intern(op.verb));
  columns.pair.push_back(pair);
  columns.value.push_back(columns.arena.size());
  encode(op.value, columns.arena);
  if (!op.error.empty()) columns.errors.emplace(index, op.error);
  return index;
}

std::uint16_t HistoryBuilder::intern(const std::string& verb) {
  std::vector<std::string>& verbs = columns_->verbs;
  for (std::size_t i = 0; i < verbs.size(); ++i) {
    if (verbs[i] == verb) return static_cast<std::uint16_t>(i);
  }
  ASSERT_MSG(verbs.size() < UINT16_MAX, "more than 65,535 different verbs");
  verbs.push_back(verb);
  return static_cast<std::uint16_t>(verbs.size() - 1);
}

History HistoryBuilder::take() {
  History history{std::move(columns_)};
  columns_ = std::make_shared<History::Columns>();
  open_.clear();
  return history;
}

}  // namespace sunder
