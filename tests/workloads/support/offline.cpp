#include "tests/workloads/support/offline.h"

#include "catalogue/workloads.h"
#include "harness/core/assert.h"

namespace sunder::testing_support {
namespace {

Registry<Workload> all_workloads() {
  Registry<Workload> workloads;
  add_all_workloads(workloads);
  return workloads;
}

gen::Play play(const Generator& generator, const OfflineRun& run, gen::Answers answers) {
  return gen::simulate(generator, {run.concurrency, 2}, std::move(answers), run.ops);
}

WorkloadConfig config_of(const Workload& workload, const OfflineRun& run) {
  Result<Options> options = Options::parse(workload.options, run.set);
  ASSERT_MSG(bool(options), workload.name);
  return {*options, run.concurrency, run.seed};
}

}  // namespace

Workload workload_named(const std::string& name) {
  Registry<Workload> workloads = all_workloads();
  const Workload* found = workloads.find(name);
  ASSERT_MSG(found != nullptr, name);
  return *found;
}

std::vector<std::string> workload_names() { return all_workloads().names(); }

gen::Play play_load(const std::string& name, const OfflineRun& run, gen::Answers answers) {
  Workload workload = workload_named(name);
  return play(workload.load(config_of(workload, run)), run, std::move(answers));
}

gen::Play play_finale(const std::string& name, const OfflineRun& run, gen::Answers answers) {
  Workload workload = workload_named(name);
  ASSERT_MSG(bool(workload.finale), name);
  return play(workload.finale(config_of(workload, run)), run, std::move(answers));
}

std::map<std::string, std::size_t> verbs_of(const gen::Play& play) {
  std::map<std::string, std::size_t> verbs;
  for (const Op& op : play.invocations()) ++verbs[op.verb];
  return verbs;
}

std::int64_t key_of(const Op& op) { return op.value.list().at(0).integer(); }
const Value& argument_of(const Op& op) { return op.value.list().at(1); }

}  // namespace sunder::testing_support
