#include "harness/cli/survey/progress.h"

#include <algorithm>

#include "checker/service/observer.h"

namespace sunder::survey {
namespace {

using service::EndedOp;
using service::Observer;

Observer observe(const History& history) {
  Observer observer;
  for (std::size_t i = 0; i < history.size(); ++i) observer.feed(history[i]);
  observer.finish();
  return observer;
}

bool any_ok(std::span<const EndedOp> ops) {
  return std::any_of(ops.begin(), ops.end(),
                     [](const EndedOp& op) { return op.phase == Phase::ok; });
}

}  // namespace

bool stuck(const SimulatedRun& run) {
  Observer observer = observe(run.history);
  if (!any_ok(observer.ops())) return true;
  if (observer.healed() == never) return false;
  std::span<const EndedOp> after = observer.between(observer.healed(), never);
  return !after.empty() && !any_ok(after);
}

Duration longest_stall(const SimulatedRun& run) {
  Observer observer = observe(run.history);
  std::span<const EndedOp> load = observer.between(at_start, observer.healed());
  if (load.empty()) return Duration(0);
  std::vector<Instant> answers{load.front().invoked, load.back().invoked};
  for (const EndedOp& op : load) {
    if (op.phase == Phase::ok) answers.push_back(op.completed);
  }
  std::sort(answers.begin(), answers.end());
  Duration longest{0};
  for (std::size_t i = 1; i < answers.size(); ++i) {
    if (answers[i] > load.back().invoked) break;
    longest = std::max<Duration>(longest, answers[i] - answers[i - 1]);
  }
  return longest;
}

}  // namespace sunder::survey
