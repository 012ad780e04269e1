#include "checker/staleness/faults.h"

#include <algorithm>

namespace sunder::staleness {
namespace {

// As recorded histories have them; harness/api/test.h is for those who run tests.
constexpr std::string_view await_ready = "await-ready";
constexpr std::string_view verify_healed = "verify-healed";

void join_overlapping(Times& times) {
  std::sort(times.begin(), times.end());
  std::size_t kept = 0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    if (times[i].first <= times[kept].second) {
      times[kept].second = std::max(times[kept].second, times[i].second);
    } else {
      times[++kept] = times[i];
    }
  }
  times.resize(kept + 1);
}

}  // namespace

bool within(const Times& times, std::int64_t at) {
  auto after = std::partition_point(times.begin(), times.end(),
                                    [&](const auto& time) { return time.first <= at; });
  return after != times.begin() && at < std::prev(after)->second;
}

void FaultWatch::feed(const OpView& op) {
  Moment now{static_cast<std::int64_t>(op.index), nanoseconds(op.time)};
  if (op.verb != await_ready && op.verb != verify_healed) {
    nemeses_.add_copy(op);
    disturbed_ = true;
    if (!controlled_) quiet_ = now;
    return;
  }
  controlled_ = true;
  if (op.phase != Phase::ok) return;
  quiet_ = now;
  if (op.verb == verify_healed) disturbed_ = false;
}

void FaultWatch::finish(Instant last) {
  // An op at the end, so that faults which were never lifted last until then.
  nemeses_.add(Op{.time = last, .process = Process::nemesis(0)});
  for (const FaultWindow& window : fault_windows(nemeses_.take())) {
    times_[window.kind].emplace_back(nanoseconds(window.begin), nanoseconds(window.end));
    if (window.end_op == no_op && window.end == last) still_on_ = window.kind;
  }
  for (auto& [kind, times] : times_) join_overlapping(times);
}

std::string FaultWatch::unrest() const {
  if (controlled_ && disturbed_) {
    return "No verify-healed ended ok after the last op of a nemesis, so that faults may have had "
           "effects until the end.";
  }
  if (!controlled_ && !still_on_.empty()) {
    return "A fault of kind " + still_on_ + " was never lifted.";
  }
  return {};
}

}  // namespace sunder::staleness
