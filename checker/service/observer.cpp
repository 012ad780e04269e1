#include "checker/service/observer.h"

#include <algorithm>

namespace sunder::service {
namespace {

// Of the control ops of every run (harness/api/test.h), which a checker knows from histories alone.
constexpr std::string_view await_ready = "await-ready";
constexpr std::string_view verify_healed = "verify-healed";

// "n2" before "n10".
bool node_before(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

void join_overlapping(std::vector<std::pair<Instant, Instant>>& spans) {
  std::sort(spans.begin(), spans.end());
  std::size_t kept = 0;
  for (const auto& span : spans) {
    if (kept > 0 && span.first <= spans[kept - 1].second) {
      spans[kept - 1].second = std::max(spans[kept - 1].second, span.second);
    } else {
      spans[kept++] = span;
    }
  }
  spans.resize(kept);
}

}  // namespace

Value to_value(const Rate& rate) {
  Map map;
  map["invoked"] = rate.invoked;
  map["ok"] = rate.ok;
  map["ok_per_mille"] = rate.per_mille();
  return map;
}

void Observer::feed(const OpView& op) {
  last_ = std::max(last_, op.time);
  if (!op.process.is_client()) {
    note_control(op);
    faults_.add_copy(op);
    return;
  }
  if (op.phase == Phase::invoke) {
    open_[op.process.id] = ops_.size();
    ops_.push_back({op.process.id, op.time, op.time});
    return;
  }
  auto open = open_.find(op.process.id);
  if (open == open_.end()) return;
  ops_[open->second].completed = std::max(op.time, ops_[open->second].invoked);
  ops_[open->second].phase = op.phase;
  open_.erase(open);
}

void Observer::note_control(const OpView& op) {
  if (op.phase != Phase::ok) return;
  if (op.verb == verify_healed) healed_ = op.time;
  if (op.verb != await_ready || op.value.kind() != Value::Kind::map) return;
  nodes_.clear();
  op.value.each([this](ValueView name, ValueView) {
    if (name.kind() == Value::Kind::text) nodes_.emplace_back(name.text());
  });
  std::sort(nodes_.begin(), nodes_.end(), node_before);
}

void Observer::finish() {
  for (const auto& [process, place] : open_) {
    ops_[place].completed = std::max(last_, ops_[place].invoked);
  }
  std::stable_sort(ops_.begin(), ops_.end(),
                   [](const EndedOp& a, const EndedOp& b) { return a.invoked < b.invoked; });
  History faults = faults_.take();
  windows_ = fault_windows(faults);
  for (FaultWindow& window : windows_) {
    bool closed = window.end_op != no_op;
    std::size_t begun = closed ? faults[window.end_op].pair : no_op;
    struck_.push_back(window.begin_op != no_op ? faults[window.begin_op].time : window.begin);
    undone_.push_back(begun != no_op ? faults[begun].time : closed ? window.end : never);
    if (window.end_op == no_op) window.end = std::max(window.end, last_);
    if (window.confirmed) faulty_.emplace_back(window.begin, window.end);
  }
  join_overlapping(faulty_);
}

std::span<const EndedOp> Observer::between(Instant begin, Instant end) const {
  auto before = [](const EndedOp& op, Instant moment) { return op.invoked < moment; };
  auto first = std::lower_bound(ops_.begin(), ops_.end(), begin, before);
  auto last = std::lower_bound(first, ops_.end(), std::max(begin, end), before);
  return {first, last};
}

bool Observer::in_fault(Instant moment) const {
  auto later = std::upper_bound(faulty_.begin(), faulty_.end(), moment,
                                [](Instant at, const auto& span) { return at < span.first; });
  return later != faulty_.begin() && moment < std::prev(later)->second;
}

}  // namespace sunder::service
