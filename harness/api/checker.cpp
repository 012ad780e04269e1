#include "harness/api/checker.h"

#include <algorithm>
#include <exception>
#include <map>

#include "harness/api/nemesis.h"

namespace sunder {
namespace {

Duration overlap(const HarnessLag& lag, Instant begin, Instant end) {
  Instant from = std::max(lag.begin, begin);
  Instant to = std::min(lag.end, end);
  return from < to ? to - from : Duration{0};
}

bool drowned(const FaultWindow& window, const History& history,
             const std::vector<HarnessLag>& lags) {
  Instant measured = window.begin_op == no_op ? window.begin : history[window.begin_op].time;
  Duration late{0};
  for (const HarnessLag& lag : lags) {
    if (overlap(lag, window.begin, measured).count() > 0) return true;
    late += overlap(lag, window.begin, window.end);
  }
  return late * 10 > window.end - window.begin;
}

}  // namespace

std::vector<FaultWindow> fault_windows(const History& history) {
  std::vector<FaultWindow> windows;
  std::map<std::pair<std::int32_t, std::string>, std::size_t> open;  // (process, kind) -> window
  Instant last = at_start;
  for (std::size_t i = 0; i < history.size(); ++i) {
    OpView op = history[i];
    last = op.time;
    if (op.process.is_client() || op.phase == Phase::invoke || op.phase == Phase::fail) continue;
    Result<FaultReport> report = fault_report_from(op.value);
    if (!report) continue;
    std::pair key{op.process.id, report->kind};
    auto found = open.find(key);
    if (!report->on) {
      if (found == open.end()) continue;
      windows[found->second].end = op.time;
      windows[found->second].end_op = i;
      open.erase(found);
      continue;
    }
    Instant begin = op.pair == no_op ? op.time : history[op.pair].time;
    // What was recorded may be anything: a wait ends before its op does.
    begin += std::clamp(report->waited, Duration{0}, std::max(op.time - begin, Duration{0}));
    if (found != open.end()) windows[found->second].end = begin;  // replaced by the new one
    open.erase(key);
    if (!report->over) open[key] = windows.size();
    windows.push_back(FaultWindow{std::move(report->kind), std::move(report->targets), begin,
                                  report->over ? op.time : never, report->confirmed, i,
                                  report->over ? i : no_op, std::move(report->evidence)});
  }
  for (FaultWindow& window : windows) {
    if (window.end == never) window.end = last;
  }
  return windows;
}

std::vector<FaultWindow> trusted_windows(const History& history,
                                         const std::vector<HarnessLag>& lags) {
  std::vector<FaultWindow> windows = fault_windows(history);
  for (FaultWindow& window : windows) {
    if (window.confirmed && drowned(window, history, lags)) window.confirmed = false;
  }
  return windows;
}

Verdict check(Checker& checker, const CheckContext& context, const History& history) {
  try {
    checker.begin(context);
    for (std::size_t i = 0; i < history.size(); ++i) checker.feed(history[i]);
    return checker.finish();
  } catch (const std::exception& exception) {
    return Verdict{.checker = "checker",
                   .validity = Validity::unknown,
                   .summary = std::string("The checker itself failed: ") + exception.what()};
  }
}

}  // namespace sunder
