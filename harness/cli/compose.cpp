// The generator of a whole run, and with it a test that a world can play.

#include "harness/cli/plan.h"
#include "harness/generate/choice.h"
#include "harness/generate/sequence.h"
#include "harness/generate/source.h"
#include "harness/generate/thread.h"
#include "harness/generate/time.h"

namespace sunder {
namespace {

Generator on_process(Process process, Generator generator) {
  return gen::on_thread(process.id, std::move(generator));  // a nemesis's thread has its number
}

NemesisConfig nemesis_config(const Intensity& intensity, std::size_t index, std::uint64_t seed) {
  return NemesisConfig{.options = intensity.options,
                       .process = Process::nemesis(static_cast<std::int32_t>(index)),
                       .seed = seed,
                       .interval = intensity.interval};
}

Generator load(const Plan& plan, std::uint64_t seed) {
  WorkloadConfig config{plan.workload_options, plan.test.concurrency, seed};
  Generator ops = plan.workload.load(config);
  if (plan.request.rate > 0) {
    ops = gen::stagger(Rng(seed, Stream::of("pace of the load")),
                       Duration(std::chrono::seconds(1)) / plan.request.rate, std::move(ops));
  }
  return gen::clients(std::move(ops));
}

/// Whether this nemesis of the plan is the one that acts only when the others are done.
bool is_core(const Plan& plan, std::size_t nemesis) {
  return plan.core_time > Duration{0} && plan.test.nemeses[nemesis].name == core_nemesis;
}

std::vector<ScenarioEntry> entries_of(const Scenario& scenario, const std::string& fault) {
  std::vector<ScenarioEntry> entries = scenario.entries;
  std::erase_if(entries, [&](const ScenarioEntry& entry) { return entry.fault != fault; });
  return entries;
}

std::vector<Generator> faults(const Plan& plan, std::uint64_t seed) {
  std::vector<Generator> all;
  std::vector<Intensity> drawn = intensities(plan, seed);
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    if (!drawn[i].acts || is_core(plan, i)) continue;
    NemesisConfig config = nemesis_config(drawn[i], i, seed);
    const Nemesis& nemesis = plan.test.nemeses[i];
    all.push_back(plan.scenario ? scenario_schedule(entries_of(*plan.scenario, nemesis.name),
                                                    nemesis, config, plan.test.nodes)
                                : on_process(config.process, nemesis.schedule(config)));
  }
  return all;
}

Generator recovery(const Plan& plan, std::uint64_t seed) {
  std::vector<Generator> all;
  std::vector<Intensity> drawn = intensities(plan, seed);
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    if (!drawn[i].acts && !is_core(plan, i)) continue;
    NemesisConfig config = nemesis_config(drawn[i], i, seed);
    all.push_back(on_process(config.process, plan.test.nemeses[i].recovery(config)));
  }
  return gen::any(std::move(all));
}

/// Faults come and go; then all are undone, and a core of the nodes is left alone for a while.
Generator faults_and_core(const Plan& plan, std::uint64_t seed) {
  std::vector<Generator> coming = faults(plan, seed);
  coming.push_back(on_process(plan.test.control(), gen::sleep(plan.time_limit)));
  std::vector<Generator> all{gen::time_limit(plan.time_limit, gen::any(std::move(coming))),
                             recovery(plan, seed)};
  std::vector<Intensity> drawn = intensities(plan, seed);
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    if (!is_core(plan, i)) continue;
    NemesisConfig config = nemesis_config(drawn[i], i, seed);
    const Nemesis& core = plan.test.nemeses[i];
    Map intention;
    intention["size"] = config.options.integer("size");
    all.push_back(on_process(config.process, gen::op(core.verbs.front(), std::move(intention))));
    all.push_back(on_process(config.process, gen::sleep(plan.core_time)));
    all.push_back(on_process(config.process, core.recovery(config)));
  }
  return gen::nemesis(gen::phases(std::move(all)));
}

Generator load_with_faults(const Plan& plan, std::uint64_t seed) {
  if (plan.core_time > Duration{0}) {
    return gen::during(faults_and_core(plan, seed), load(plan, seed));
  }
  std::vector<Generator> all = faults(plan, seed);
  all.insert(all.begin(), load(plan, seed));
  return gen::time_limit(plan.time_limit, gen::any(std::move(all)));
}

Generator whole_run(const Plan& plan, std::uint64_t seed) {
  Process control = plan.test.control();
  auto control_op = [&](std::string_view verb) {
    return on_process(control, gen::op(std::string(verb)));
  };
  Generator finale;
  if (plan.workload.finale) {
    finale = gen::clients(
        plan.workload.finale(WorkloadConfig{plan.workload_options, plan.test.concurrency, seed}));
  }
  Generator proof = gen::phases({control_op(verb_verify_healed), control_op(verb_await_ready)});
  Generator test = gen::phases({load_with_faults(plan, seed), recovery(plan, seed),
                                gen::only_after_ok(std::move(proof), std::move(finale))});
  return gen::only_after_ok(control_op(verb_await_ready), std::move(test));
}

}  // namespace

Test make_test(const Plan& plan, std::uint64_t seed) {
  Test test = plan.test;
  test.seed = seed;
  test.generator = whole_run(plan, seed);
  return test;
}

}  // namespace sunder
