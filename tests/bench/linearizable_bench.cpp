// How long the check of one run takes: 6,000 operations as a 30 s run at 200 ops/s makes them.

#include <benchmark/benchmark.h>

#include "catalogue/checker.h"
#include "tests/checker/support/generated.h"

namespace sunder {
namespace {

void check_history(benchmark::State& state, const testing_support::GeneratedLoad& load) {
  Registry<CheckerEntry> registry;
  add_all_checker(registry);
  const CheckerEntry& entry = *registry.find("linearizable cas-register");
  CheckContext context{.keyed = true, .options = *Options::parse(entry.options, {})};
  History history = testing_support::generate_register_history(7, load);
  for (auto _ : state) {
    Verdict verdict = check(*entry.make(), context, history);
    if (verdict.validity != Validity::valid) state.SkipWithError(verdict.summary.c_str());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(load.operations));
}

void run_of_30_s(benchmark::State& state) { check_history(state, {}); }
BENCHMARK(run_of_30_s)->Unit(benchmark::kMillisecond);

void many_crashes(benchmark::State& state) {
  check_history(state, {.keys = 30, .crash = {5, 100}});
}
BENCHMARK(many_crashes)->Unit(benchmark::kMillisecond);

void unique_values(benchmark::State& state) { check_history(state, {.values = 0}); }
BENCHMARK(unique_values)->Unit(benchmark::kMillisecond);

void one_key(benchmark::State& state) {
  check_history(state, {.operations = 2000, .concurrency = 5, .keys = 1, .crash = {1, 200}});
}
BENCHMARK(one_key)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sunder

BENCHMARK_MAIN();
