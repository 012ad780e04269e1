// Counts, latencies and availability of any history. Never invalid: it describes, it does not
// judge.

#include <algorithm>
#include <map>

#include "harness/api/checker.h"

namespace sunder {
namespace {

/// What became of a set of invocations, and how long the ok ones took.
struct Tally {
  std::int64_t invoked = 0;
  std::int64_t ok = 0;
  std::int64_t fail = 0;
  std::int64_t info = 0;
  std::vector<std::int64_t> latencies;  // ns, of the ok ones

  void add(Phase phase, std::int64_t latency) {
    ++invoked;
    if (phase == Phase::fail) ++fail;
    if (phase == Phase::info) ++info;
    if (phase == Phase::ok) {
      ++ok;
      latencies.push_back(latency);
    }
  }
};

/// One invocation that has ended, or was left open by the end of the history.
struct Ended {
  std::string verb;
  Instant invoked;
  Instant completed;
  Phase phase = Phase::info;  // of an open one: nobody knows
};

// The nearest-rank quantile of sorted latencies; 0 when there are none.
std::int64_t quantile(const std::vector<std::int64_t>& sorted, std::size_t percent) {
  if (sorted.empty()) return 0;
  std::size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

std::int64_t per_mille(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : part * 1000 / whole;
}

Value to_value(Tally& tally) {
  std::sort(tally.latencies.begin(), tally.latencies.end());
  Map latency;
  latency["p50"] = quantile(tally.latencies, 50);
  latency["p95"] = quantile(tally.latencies, 95);
  latency["p99"] = quantile(tally.latencies, 99);
  latency["max"] = quantile(tally.latencies, 100);
  Map map;
  map["invoked"] = tally.invoked;
  map["ok"] = tally.ok;
  map["fail"] = tally.fail;
  map["info"] = tally.info;
  map["ok_per_mille"] = per_mille(tally.ok, tally.invoked);
  map["latency"] = std::move(latency);
  return map;
}

/// detail: {all, verbs: {verb: ...}, faults: {kind: ...}, no_fault} where each is {invoked, ok,
/// fail, info, ok_per_mille, latency: {p50, p95, p99, max} in ns}; duration (ns), ops_per_second,
/// ok_per_second, longest_gap: {begin, end} (ns) without an ok. An op belongs to the faults that
/// were on when it was invoked.
class Stats final : public Checker {
 public:
  void begin(const CheckContext&) override {}

  void feed(const OpView& op) override {
    last_ = std::max(last_, op.time);
    if (!op.process.is_client()) {
      faults_.add(op.op());
      return;
    }
    if (op.phase == Phase::invoke) {
      open_[op.process.id] = ended_.size();
      ended_.push_back({std::string(op.verb), op.time, op.time});
      return;
    }
    if (op.phase == Phase::ok) note_ok(op.time);
    auto open = open_.find(op.process.id);
    if (open == open_.end()) return;
    ended_[open->second].completed = op.time;
    ended_[open->second].phase = op.phase;
    open_.erase(open);
  }

  Verdict finish() override {
    Verdict verdict{.checker = "stats"};
    if (ended_.empty()) {
      verdict.summary = "No client operation was invoked.";
      return verdict;
    }
    Instant first = ended_.front().invoked;
    if (!seen_ok_) gap_begin_ = gap_from_ = first;
    if (last_ - gap_from_ > gap_end_ - gap_begin_) {
      gap_begin_ = gap_from_;
      gap_end_ = last_;
    }
    count();
    verdict.validity = Validity::valid;
    verdict.summary = std::to_string(all_.ok) + " of " + std::to_string(all_.invoked) +
                      " operations ok (" + std::to_string(per_mille(all_.ok, all_.invoked) / 10) +
                      " %), " + std::to_string(all_.fail) + " failed, " +
                      std::to_string(all_.info) +
                      " with unknown outcome; longest time without an ok: " +
                      format_duration(gap_end_ - gap_begin_) + ".";
    verdict.detail = detail(last_ - first);
    return verdict;
  }

 private:
  void note_ok(Instant at) {
    if (!seen_ok_) gap_from_ = ended_.empty() ? at : ended_.front().invoked;
    seen_ok_ = true;
    if (at - gap_from_ > gap_end_ - gap_begin_) {
      gap_begin_ = gap_from_;
      gap_end_ = at;
    }
    gap_from_ = at;
  }

  void count() {
    std::vector<FaultWindow> windows = fault_windows(faults_.take());
    for (FaultWindow& window : windows) {
      by_fault_.try_emplace(window.kind);
      if (window.end_op == no_op) window.end = std::max(window.end, last_);
    }
    for (const Ended& one : ended_) {
      std::int64_t latency = nanoseconds(one.completed - one.invoked);
      all_.add(one.phase, latency);
      by_verb_[one.verb].add(one.phase, latency);
      std::map<std::string, bool> met;  // several windows of one kind count once
      for (const FaultWindow& window : windows) {
        if (window.begin <= one.invoked && one.invoked < window.end) met[window.kind] = true;
      }
      for (const auto& [kind, on] : met) by_fault_[kind].add(one.phase, latency);
      if (met.empty()) no_fault_.add(one.phase, latency);
    }
  }

  Value detail(Duration duration) {
    auto each = [](std::map<std::string, Tally>& tallies) {
      Map map;
      for (auto& [name, tally] : tallies) map[name] = to_value(tally);
      return map;
    };
    auto per_second = [&](std::int64_t count) {
      std::int64_t ms = nanoseconds(duration) / 1'000'000;
      return ms == 0 ? 0 : count * 1000 / ms;
    };
    Map gap;
    gap["begin"] = nanoseconds(gap_begin_);
    gap["end"] = nanoseconds(gap_end_);
    Map map;
    map["duration"] = nanoseconds(duration);
    map["ops_per_second"] = per_second(all_.invoked);
    map["ok_per_second"] = per_second(all_.ok);
    map["all"] = to_value(all_);
    map["verbs"] = each(by_verb_);
    map["faults"] = each(by_fault_);
    map["no_fault"] = to_value(no_fault_);
    map["longest_gap"] = std::move(gap);
    return map;
  }

  std::vector<Ended> ended_;
  std::map<std::int32_t, std::size_t> open_;  // process -> its place in ended_
  HistoryBuilder faults_;                     // the nemesis ops alone
  Instant last_ = at_start;
  bool seen_ok_ = false;
  Instant gap_from_ = at_start;  // the last ok
  Instant gap_begin_ = at_start;
  Instant gap_end_ = at_start;
  Tally all_;
  Tally no_fault_;
  std::map<std::string, Tally> by_verb_;
  std::map<std::string, Tally> by_fault_;
};

}  // namespace

void add_stats(Registry<CheckerEntry>& registry) {
  registry.add(
      CheckerEntry{.name = "stats",
                   .summary = "How many operations ended how, how fast, and how available.",
                   .make = [] { return std::make_unique<Stats>(); }});
}

}  // namespace sunder
