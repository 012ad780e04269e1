#include "harness/cli/seed_sweep.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

namespace sunder {
namespace {

using Clock = std::chrono::steady_clock;

void keep_first(std::optional<std::pair<std::uint64_t, std::string>>& first, std::uint64_t seed,
                const std::string& summary) {
  if (!first || seed < first->first) first = std::pair{seed, summary};
}

void keep_least(std::optional<std::uint64_t>& least, std::uint64_t seed) {
  least = std::min(seed, least.value_or(seed));
}

/// Notes what the anomalies of an invalid run show. A broken invariant may name the ops that it
/// concerns, but is seen by nobody but us: the answers that clients got can all be right.
void note_anomalies(const SimulatedRun& run, Tally& tally) {
  for (const Verdict& part : run.verdict.parts) {
    for (const Anomaly& anomaly : part.anomalies) {
      if (anomaly.ops.empty()) continue;
      keep_least(tally.first_named, run.seed);
      if (anomaly.name != "broken-invariant") keep_least(tally.first_seen, run.seed);
    }
  }
}

Duration thread_cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

class SeedSweep {
 public:
  SeedSweep(Plan plan, const SeedRange& range, const GoOn& look)
      : plan_(std::move(plan)), range_(range), look_(look), next_(range.first),
        end_(range.first + range.count) {
    // Where many runs are only counted, nobody looks at figures that judge nothing.
    std::erase_if(plan_.judges.checkers,
                  [](const ChosenChecker& chosen) { return chosen.entry->tells_only; });
  }

  Tally play() {
    Clock::time_point begin = Clock::now();
    int jobs = range_.jobs > 0 ? range_.jobs
                               : static_cast<int>(std::thread::hardware_concurrency());
    std::vector<std::thread> threads;
    for (int i = 0; i < std::max(jobs, 1); ++i) threads.emplace_back([this] { work(); });
    for (std::thread& thread : threads) thread.join();
    tally_.wall_time = Clock::now() - begin;
    return std::move(tally_);
  }

 private:
  void work() {
    for (;;) {
      std::uint64_t seed = next_.fetch_add(1);
      if (seed >= end_) return;
      Duration before = thread_cpu_time();
      SimulatedRun run = simulate(plan_, seed);
      count(run, thread_cpu_time() - before);
    }
  }

  void count(const SimulatedRun& run, Duration cpu_time) {
    std::lock_guard lock(mutex_);
    tally_.cpu_time += cpu_time;
    tally_.add(run);
    if (!look_(run, tally_)) next_ = end_;
  }

  Plan plan_;
  const SeedRange& range_;
  const GoOn& look_;
  std::atomic<std::uint64_t> next_;
  const std::uint64_t end_;
  std::mutex mutex_;
  Tally tally_;  // guarded by mutex_
};

}  // namespace

void Tally::add(const SimulatedRun& run) {
  ++runs;
  virtual_time += run.virtual_time;
  messages += run.record.messages;
  for (const Verdict& part : run.verdict.parts) {
    const Value* ok = part.checker == "evidence" ? part.detail.find("ops_ok") : nullptr;
    if (ok != nullptr) ops_ok += static_cast<std::uint64_t>(ok->integer());
  }
  switch (run.verdict.validity) {
    case Validity::valid: ++valid; break;
    case Validity::unknown:
      ++unknown;
      keep_first(first_unknown, run.seed, run.verdict.summary);
      break;
    case Validity::invalid:
      ++invalid;
      if (!first_invalid || run.seed < first_invalid->first) {
        first_anomaly = anomaly_of(run.verdict);
      }
      keep_first(first_invalid, run.seed, run.verdict.summary);
      note_anomalies(run, *this);
      break;
  }
}

std::string anomaly_of(const Verdict& verdict) {
  for (const Verdict& part : verdict.parts) {
    if (part.validity == Validity::invalid && !part.anomalies.empty()) {
      return part.anomalies.front().name;
    }
  }
  return {};
}

Tally sweep_seeds(Plan plan, const SeedRange& range, const GoOn& look) {
  return SeedSweep(std::move(plan), range, look).play();
}

}  // namespace sunder
