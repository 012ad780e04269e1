#include "harness/core/history.h"

#include <algorithm>

#include "harness/core/assert.h"
#include "harness/core/value_writer.h"

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
  std::uint64_t index = add_all_but_value({.index = 0,
                                           .time = op.time,
                                           .process = op.process,
                                           .phase = op.phase,
                                           .verb = op.verb,
                                           .value = {},
                                           .error = op.error,
                                           .pair = no_op});
  encode(op.value, columns_->arena);
  return index;
}

std::uint64_t HistoryBuilder::add_copy(const OpView& op) {
  std::uint64_t index = add_all_but_value(op);
  ValueWriter(columns_->arena).copy(op.value);
  return index;
}

std::uint64_t HistoryBuilder::add_all_but_value(const OpView& op) {
  History::Columns& columns = *columns_;
  std::uint64_t index = columns.time.size();
  std::uint64_t pair = no_op;
  std::uint64_t& open = open_.try_emplace(op.process.id, no_op).first->second;
  if (op.phase == Phase::invoke) {
    open = index;
  } else if (open != no_op) {
    pair = open;
    columns.pair[pair] = index;
    open = no_op;
  }
  columns.time.push_back(nanoseconds(op.time));
  columns.process.push_back(op.process.id);
  columns.phase.push_back(static_cast<std::uint8_t>(op.phase));
  columns.verb.push_back(intern(op.verb));
  columns.pair.push_back(pair);
  columns.value.push_back(columns.arena.size());
  if (!op.error.empty()) columns.errors.emplace(index, op.error);
  return index;
}

// Histories have few verbs, and looking through those is faster than hashing.
std::uint32_t HistoryBuilder::intern(std::string_view verb) {
  constexpr std::size_t few = 8;
  std::vector<std::string>& verbs = columns_->verbs;
  for (std::size_t i = 0; i < std::min(verbs.size(), few); ++i) {
    if (verbs[i] == verb) return static_cast<std::uint32_t>(i);
  }
  auto fresh = static_cast<std::uint32_t>(verbs.size());
  auto [at, added] = verbs_.try_emplace(std::string(verb), fresh);
  if (added) verbs.emplace_back(verb);
  return at->second;
}

History HistoryBuilder::take() {
  History history{std::move(columns_)};
  columns_ = std::make_shared<History::Columns>();
  open_.clear();
  verbs_.clear();
  return history;
}

}  // namespace sunder
