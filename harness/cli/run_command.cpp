#include <cstdio>

#include "harness/cli/binaries.h"
#include "harness/cli/commands.h"
#include "harness/cli/interrupts.h"
#include "harness/cli/lab_run.h"
#include "harness/cli/recorder.h"
#include "harness/cli/ssh_run.h"
#include "harness/cli/trace_log.h"
#include "harness/core/log.h"
#include "harness/run/judge.h"
#include "harness/run/run_loop.h"
#include "harness/sim/world.h"
#include "reports/report.h"

namespace sunder {
namespace {

Outcomes play_simulated(const Test& test, Recorder& recorder, const Interrupts& interrupts) {
  TraceLog trace(recorder.directory().path() / "trace.jsonl");
  SimWorld world(test, SimOptions{.trace = [&](Instant time, NodeId node, const Event& event) {
                   trace.add(time, node, event);
                 }});
  RunHooks hooks{.record = [&](const Op& op) { recorder.record(op); },
                 .log = [&](const std::string& line) { recorder.say(line); },
                 .interrupted = &interrupts.flag()};
  History history = run(test, world, hooks);
  return Outcomes{std::move(history), world.record(), interrupts.flag()};
}

Value to_value(const WorldRecord& record) {
  List broken;
  for (const BrokenInvariant& one : record.broken_invariants) broken.emplace_back(one.sentence);
  Map probes;
  for (const auto& [name, hits] : record.probes) probes[name] = static_cast<std::int64_t>(hits);
  List lags;
  for (const HarnessLag& lag : record.lags) {
    Map map;
    map["begin"] = nanoseconds(lag.begin);
    map["end"] = nanoseconds(lag.end);
    map["worst"] = nanoseconds(lag.worst);
    map["where"] = lag.where;
    lags.emplace_back(std::move(map));
  }
  Map map;
  map["broken_invariants"] = std::move(broken);
  map["probes"] = std::move(probes);
  map["lags"] = std::move(lags);
  map["messages"] = static_cast<std::int64_t>(record.messages);
  map["digest"] = record.digest;
  if (!record.packets.empty()) map["packets"] = record.packets;
  return map;
}

void print_verdict(const Plan& plan, const Recorder& recorder, const Verdict& verdict) {
  std::printf("%s: %s\n", std::string(to_string(verdict.validity)).c_str(),
              verdict.summary.c_str());
  if (!plan.request.quiet) {
    for (const Verdict& part : verdict.parts) {
      std::printf("  %-28s %-8s %s\n", part.checker.c_str(),
                  std::string(to_string(part.validity)).c_str(), part.summary.c_str());
    }
  }
  std::printf("history %s\nreport  %s\n", (recorder.directory().path() / "history.jsonl").c_str(),
              (recorder.directory().path() / "report.html").c_str());
}

/// Judges what happened and writes it down: verdict.json, test.json with the world's record, the
/// report.
ExitCode conclude(const Plan& plan, const Test& test, Recorder& recorder,
                  const Outcomes& outcomes) {
  Status written = recorder.finish_history();
  if (!written) return fail_with(written.error());
  CheckContext context{.keyed = plan.workload.keyed, .time_budget = plan.time_budget};
  RunEvidence evidence{test, outcomes.record, outcomes.history, outcomes.interrupted};
  if (plan.log_patterns) {
    evidence.logs = plan.log_patterns->look_into(recorder.directory().path() / "nodes");
  }
  Verdict verdict = judge(evidence, plan.judges, context);
  Value facts = recorder.test();
  facts.map()["world_record"] = to_value(outcomes.record);
  for (Status status : {recorder.directory().write_json("test.json", facts),
                        recorder.directory().write_json("verdict.json", to_value(verdict)),
                        write_report(recorder.directory().path())}) {
    if (!status) return fail_with(status.error());
  }
  print_verdict(plan, recorder, verdict);
  return outcomes.interrupted ? exit_interrupted : exit_code_of(verdict.validity);
}

void announce(const Plan& plan) {
  if (plan.request.quiet) return;
  log::info("seed " + std::to_string(plan.seed) + "; again: " +
            reproduce_command(plan, plan.seed));
}

ExitCode run_over_ssh(const Plan& plan) {
  Result<SshGround> ground = find_hosts(plan);
  if (!ground) return fail_with(ground.error());
  Interrupts interrupts;  // before the recorder's thread, which must inherit its mask
  Result<std::unique_ptr<Recorder>> recorder = Recorder::create(plan, plan.seed);
  if (!recorder) return fail_with(recorder.error());
  announce(plan);
  Test test = make_test(plan, plan.seed);
  Result<Outcomes> outcomes = play_over_ssh(plan, test, *ground, **recorder, interrupts);
  if (!outcomes) return fail_with(outcomes.error());
  return conclude(plan, test, **recorder, *outcomes);
}

Status store_is_installed(const System& system) {
  if (!system.service || binary_on_path(system.service->binary)) return Done{};
  return Error{Error::Code::environment, "cannot find '" + system.service->binary +
                                             "' on PATH; install it: " + system.service->install};
}

}  // namespace

ExitCode run_command(const RunRequest& request) {
  Catalogues catalogues = all_catalogues();
  Result<Plan> plan = make_plan(request, catalogues);
  if (!plan) return fail_with(plan.error());
  if (Status installed = store_is_installed(plan->test.system); !installed) {
    return fail_with(installed.error());
  }
  if (plan->world == WorldKind::ssh) return run_over_ssh(*plan);
  LabGround ground;
  if (plan->world == WorldKind::lab) {
    Result<LabGround> entered = enter_lab();
    if (!entered) return fail_with(entered.error());
    ground = *entered;
  }
  Interrupts interrupts;  // before the recorder's thread, which must inherit its mask
  Result<std::unique_ptr<Recorder>> recorder = Recorder::create(*plan, plan->seed);
  if (!recorder) return fail_with(recorder.error());
  announce(*plan);
  Test test = make_test(*plan, plan->seed);
  if (plan->world == WorldKind::sim) {
    return conclude(*plan, test, **recorder, play_simulated(test, **recorder, interrupts));
  }
  Result<Outcomes> outcomes = play_in_lab(*plan, test, ground, **recorder, interrupts);
  if (!outcomes) return fail_with(outcomes.error());
  return conclude(*plan, test, **recorder, *outcomes);
}

}  // namespace sunder
