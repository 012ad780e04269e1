#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <thread>

#include "harness/cli/commands.h"
#include "harness/cli/simulate.h"
#include "harness/core/digest.h"
#include "harness/core/log.h"
#include "harness/store/run_directory.h"

namespace sunder {
namespace {

using Clock = std::chrono::steady_clock;

/// What a sweep of one plan came to.
struct Tally {
  std::uint64_t runs = 0;
  std::uint64_t valid = 0;
  std::uint64_t unknown = 0;
  std::uint64_t invalid = 0;
  std::uint64_t ops_ok = 0;
  std::uint64_t messages = 0;
  Duration virtual_time{0};
  Duration cpu_time{0};  // of all threads together
  Duration wall_time{0};
  // The first seed of each kind and what was said of it.
  std::optional<std::pair<std::uint64_t, std::string>> first_invalid;
  std::optional<std::pair<std::uint64_t, std::string>> first_unknown;
  std::string first_anomaly;
  std::optional<std::uint64_t> first_named;  // first seed in which an anomaly cites ops
  std::optional<std::uint64_t> first_seen;   // the same of an anomaly that clients saw
  std::map<std::uint64_t, std::string> digests;  // seed -> line
};

void keep_first(std::optional<std::pair<std::uint64_t, std::string>>& first, std::uint64_t seed,
                const std::string& summary) {
  if (!first || seed < first->first) first = std::pair{seed, summary};
}

std::string anomaly_of(const Verdict& verdict) {
  for (const Verdict& part : verdict.parts) {
    if (part.validity == Validity::invalid && !part.anomalies.empty()) {
      return part.anomalies.front().name;
    }
  }
  return {};
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

/// When a sweep may end before its last seed.
enum class Until : std::uint8_t { last_seed, caught, seen };  // seen: by clients

/// Runs the seeds of one plan over several threads.
class Sweep {
 public:
  Sweep(const Plan& plan, const SweepRequest& request, Until until)
      : plan_(plan), request_(request), until_(until) {
    leave_out_figures(plan_.judges);
  }

  Tally play() {
    next_ = request_.first_seed;
    end_ = request_.first_seed + request_.seeds;
    Clock::time_point begin = Clock::now();
    int jobs = request_.jobs > 0 ? request_.jobs
                                 : static_cast<int>(std::thread::hardware_concurrency());
    std::vector<std::thread> threads;
    for (int i = 0; i < std::max(jobs, 1); ++i) threads.emplace_back([this] { work(); });
    for (std::thread& thread : threads) thread.join();
    tally_.wall_time = Clock::now() - begin;
    if (!request_.run.quiet) progress(true);
    return std::move(tally_);
  }

 private:
  // Where many runs are only counted, nobody looks at figures that judge nothing.
  static void leave_out_figures(Judges& judges) {
    std::erase_if(judges.checkers,
                  [](const ChosenChecker& chosen) { return chosen.entry->tells_only; });
  }

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
    ++tally_.runs;
    tally_.cpu_time += cpu_time;
    tally_.virtual_time += run.virtual_time;
    tally_.messages += run.record.messages;
    for (const Verdict& part : run.verdict.parts) {
      const Value* ok = part.checker == "evidence" ? part.detail.find("ops_ok") : nullptr;
      if (ok != nullptr) tally_.ops_ok += static_cast<std::uint64_t>(ok->integer());
    }
    switch (run.verdict.validity) {
      case Validity::valid: ++tally_.valid; break;
      case Validity::unknown:
        ++tally_.unknown;
        keep_first(tally_.first_unknown, run.seed, run.verdict.summary);
        break;
      case Validity::invalid:
        ++tally_.invalid;
        if (!tally_.first_invalid || run.seed < tally_.first_invalid->first) {
          tally_.first_anomaly = anomaly_of(run.verdict);
        }
        keep_first(tally_.first_invalid, run.seed, run.verdict.summary);
        note_anomalies(run, tally_);
        if (until_ == Until::caught || (until_ == Until::seen && tally_.first_seen)) next_ = end_;
        break;
    }
    if (request_.digests) {
      tally_.digests[run.seed] =
          run.record.digest + " " + std::string(to_string(run.verdict.validity));
    }
    if (!request_.run.quiet) progress(false);
  }

  void progress(bool last) {
    Clock::time_point now = Clock::now();
    if (!last && now - shown_ < std::chrono::seconds(1)) return;
    shown_ = now;
    log::info("seed " + std::to_string(tally_.runs) + " of " + std::to_string(request_.seeds) +
              ": " + std::to_string(tally_.valid) + " valid, " + std::to_string(tally_.unknown) +
              " unknown, " + std::to_string(tally_.invalid) + " invalid");
  }

  Plan plan_;
  const SweepRequest& request_;
  Until until_;
  std::atomic<std::uint64_t> next_{0};
  std::uint64_t end_ = 0;
  std::mutex mutex_;
  Tally tally_;                // guarded by mutex_
  Clock::time_point shown_{};  // guarded by mutex_
};

void print_first(const char* what, const Plan& plan,
                 const std::optional<std::pair<std::uint64_t, std::string>>& first) {
  if (!first) return;
  std::printf("first %s: seed %llu: %s\n  %s\n", what,
              static_cast<unsigned long long>(first->first), first->second.c_str(),
              reproduce_command(plan, first->first).c_str());
}

void print_tally(const Plan& plan, const Tally& tally) {
  auto seconds = [](Duration duration) { return static_cast<double>(duration.count()) / 1e9; };
  std::printf("%s %s: %llu valid, %llu unknown, %llu invalid of %llu seeds\n",
              plan.test.system.name.c_str(), plan.workload.name.c_str(),
              static_cast<unsigned long long>(tally.valid),
              static_cast<unsigned long long>(tally.unknown),
              static_cast<unsigned long long>(tally.invalid),
              static_cast<unsigned long long>(tally.runs));
  std::printf("%.0f virtual seconds in %.2f CPU seconds (%.2f s elapsed): %.0f times real time a "
              "core, %.0f messages a CPU second, %.0f ok ops a run\n",
              seconds(tally.virtual_time), seconds(tally.cpu_time), seconds(tally.wall_time),
              seconds(tally.virtual_time) / seconds(tally.cpu_time),
              static_cast<double>(tally.messages) / seconds(tally.cpu_time),
              static_cast<double>(tally.ops_ok) / static_cast<double>(tally.runs));
  print_first("invalid", plan, tally.first_invalid);
  print_first("unknown", plan, tally.first_unknown);
  Digest digest;
  for (const auto& [seed, line] : tally.digests) {
    std::printf("seed %llu %s\n", static_cast<unsigned long long>(seed), line.c_str());
    digest.add(line);
  }
  if (!tally.digests.empty()) std::printf("digest of all %s\n", digest.hex().c_str());
}

ExitCode exit_code_of(const Tally& tally) {
  if (tally.invalid > 0) return exit_invalid;
  return tally.unknown > 0 || tally.runs == 0 ? exit_unknown : exit_valid;
}

std::string table_row(const System& system, const Flaw& flaw, const SweepRequest& request,
                      const Tally& tally) {
  auto count = [&](std::optional<std::uint64_t> seed) {
    if (seed) return std::to_string(*seed - request.first_seed + 1);
    // Without a table to write, the sweep ended with the first seed that was caught.
    if (request.table.empty() && tally.first_invalid) return std::string("not looked for");
    return "not in " + std::to_string(request.seeds);
  };
  std::optional<std::uint64_t> caught;
  if (tally.first_invalid) caught = tally.first_invalid->first;
  return "| " + system.name + " | " + flaw.name + " | " + count(caught) + " | " +
         tally.first_anomaly + " | " + count(tally.first_named) + " | " +
         count(tally.first_seen) + " | " + flaw.summary + " |\n";
}

std::string table_title(const SweepRequest& request) {
  std::string command = "sunder sweep";
  for (const std::string& system : request.systems) command += " " + system;
  command += " -w " + request.run.workload + " -n " + request.run.nemeses + " --seeds " +
             std::to_string(request.seeds) + " --each-flaw --table " + request.table;
  return "# How many simulated seeds each flaw survives\n\nMade by `" + command +
         "`: seeds are tried in order from " + std::to_string(request.first_seed) +
         ", each a run of " + request.run.time_limit + " at " + std::to_string(request.run.rate) +
         " operations a second, until clients saw the flaw: until some answer that they got "
         "breaks what the system claims. Most flaws are caught before that, as a broken invariant "
         "of the protocol. Such an anomaly names operations as soon as it concerns entries of "
         "theirs; \"not in\" so many seeds under \"clients saw it\" means that every answer "
         "given in all of them was right all the same.\n\n";
}

/// Sweeps every flaw of every system until it is caught. Valid when all were.
ExitCode sweep_flaws(const SweepRequest& request, const Catalogues& catalogues) {
  std::string table = table_title(request);
  table +=
      "| system | flaw | seeds until caught | caught as | seeds until it names operations "
      "| seeds until clients saw it | what it does |\n"
      "| --- | --- | --- | --- | --- | --- | --- |\n";
  ExitCode code = exit_valid;
  for (const std::string& name : request.systems) {
    const System* system = catalogues.systems.find(name);
    if (system == nullptr) {
      return fail_with(
          Error{Error::Code::malformed,
                "unknown system '" + name + "'; " + suggest(name, catalogues.systems.names())});
    }
    for (const Flaw& flaw : system->flaws) {
      SweepRequest one = request;
      one.run.system = name;
      one.run.world = "sim";
      one.run.flaws = {flaw.name};
      one.run.quiet = true;
      Result<Plan> plan = make_plan(one.run, catalogues);
      if (!plan) return fail_with(plan.error());
      Until until = request.table.empty() ? Until::caught : Until::seen;
      Tally tally = Sweep(*plan, one, until).play();
      std::string row = table_row(*system, flaw, request, tally);
      std::printf("%s", row.c_str());
      std::fflush(stdout);
      table += row;
      if (!tally.first_invalid) code = worse(code, exit_unknown);
    }
  }
  if (request.table.empty()) return code;
  Status written = write_whole_file(request.table, table);
  return written ? code : fail_with(written.error());
}

}  // namespace

ExitCode sweep_command(const SweepRequest& request) {
  Catalogues catalogues = all_catalogues();
  if (request.seeds == 0) {
    return fail_with(Error{Error::Code::malformed, "--seeds must be at least 1"});
  }
  if (request.each_flaw) return sweep_flaws(request, catalogues);
  ExitCode code = exit_valid;
  for (const std::string& system : request.systems) {
    RunRequest run = request.run;
    run.system = system;
    run.world = "sim";
    Result<Plan> plan = make_plan(run, catalogues);
    if (!plan) return fail_with(plan.error());
    Tally tally = Sweep(*plan, request, Until::last_seed).play();
    print_tally(*plan, tally);
    code = worse(code, exit_code_of(tally));
  }
  return code;
}

}  // namespace sunder
