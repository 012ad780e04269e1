#include <chrono>
#include <cstdio>
#include <map>

#include "harness/cli/commands.h"
#include "harness/cli/seed_sweep.h"
#include "harness/core/digest.h"
#include "harness/core/log.h"
#include "harness/store/run_directory.h"

namespace sunder {
namespace {

/// Says how far a sweep is, once a second.
class Progress {
 public:
  Progress(std::uint64_t seeds, bool quiet) : seeds_(seeds), quiet_(quiet) {}

  void show(const Tally& tally, bool last = false) {
    Clock::time_point now = Clock::now();
    if (quiet_ || (!last && now - shown_ < std::chrono::seconds(1))) return;
    shown_ = now;
    log::info("seed " + std::to_string(tally.runs) + " of " + std::to_string(seeds_) + ": " +
              std::to_string(tally.valid) + " valid, " + std::to_string(tally.unknown) +
              " unknown, " + std::to_string(tally.invalid) + " invalid");
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::uint64_t seeds_;
  bool quiet_;
  Clock::time_point shown_{};
};

/// When a sweep may end before its last seed.
enum class Until : std::uint8_t { last_seed, caught, seen };  // seen: by clients

using Digests = std::map<std::uint64_t, std::string>;  // by seed, with the verdict

Tally play(const Plan& plan, const SweepRequest& request, Until until, Digests& digests) {
  Progress progress(request.seeds, request.run.quiet);
  SeedRange range{.first = request.first_seed, .count = request.seeds, .jobs = request.jobs};
  Tally tally = sweep_seeds(plan, range, [&](const SimulatedRun& run, const Tally& so_far) {
    if (request.digests) {
      digests[run.seed] = run.record.digest + " " + std::string(to_string(run.verdict.validity));
    }
    progress.show(so_far);
    if (until == Until::caught) return !so_far.first_invalid;
    return until != Until::seen || !so_far.first_seen;
  });
  progress.show(tally, true);
  return tally;
}

void print_first(const char* what, const Plan& plan,
                 const std::optional<std::pair<std::uint64_t, std::string>>& first) {
  if (!first) return;
  std::printf("first %s: seed %llu: %s\n  %s\n", what,
              static_cast<unsigned long long>(first->first), first->second.c_str(),
              reproduce_command(plan, first->first).c_str());
}

void print_tally(const Plan& plan, const Tally& tally, const Digests& digests) {
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
  for (const auto& [seed, line] : digests) {
    std::printf("seed %llu %s\n", static_cast<unsigned long long>(seed), line.c_str());
    digest.add(line);
  }
  if (!digests.empty()) std::printf("digest of all %s\n", digest.hex().c_str());
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
      if (!flaw.workload.empty()) one.run.workload = flaw.workload;
      if (!flaw.claim.empty()) one.run.claim = flaw.claim;
      one.run.set.insert(one.run.set.end(), flaw.set.begin(), flaw.set.end());
      one.run.quiet = true;
      Result<Plan> plan = make_plan(one.run, catalogues);
      if (!plan) return fail_with(plan.error());
      Until until = request.table.empty() ? Until::caught : Until::seen;
      Digests none;
      Tally tally = play(*plan, one, until, none);
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
    Digests digests;
    Tally tally = play(*plan, request, Until::last_seed, digests);
    print_tally(*plan, tally, digests);
    code = worse(code, exit_code_of(tally));
  }
  return code;
}

}  // namespace sunder
