// How long staleness, atomicity and convergence of large histories take to find out: registers in
// memory, without reading them.

#include <benchmark/benchmark.h>

#include "checker/staleness/atomicity.h"
#include "checker/staleness/bounds.h"
#include "checker/staleness/converge.h"
#include "checker/staleness/figures.h"
#include "tests/checker/support/register_script.h"

namespace sunder::staleness {
namespace {

using testing_support::draw_registers;
using testing_support::Drawn;

/// Arguments: operations, keys, operations in flight at a time, versions that reads choose from.
Registers drawn(const benchmark::State& state) {
  auto argument = [&](std::size_t index) { return static_cast<std::uint32_t>(state.range(index)); };
  Rng rng(1, Stream::of("bench"));
  return draw_registers(rng, Drawn{.operations = argument(0),
                                   .keys = argument(1),
                                   .sessions = argument(2),
                                   .crashes_per_mille = 10,
                                   .versions = argument(3)});
}

void sizes(benchmark::internal::Benchmark* bench) {
  // As runs are: mostly fresh, or often stale.
  for (std::int64_t versions : {1, 3}) {
    for (std::int64_t operations : {10'000, 100'000, 1'000'000}) {
      bench->Args({operations, 100, 20, versions});
    }
  }
  // One key, and as many in flight as there are operations to a key before.
  for (std::int64_t operations : {10'000, 100'000, 1'000'000}) bench->Args({operations, 1, 5, 2});
  for (std::int64_t operations : {10'000, 100'000, 1'000'000}) {
    bench->Args({operations, 1, operations / 4, 2});
  }
  bench->Unit(benchmark::kMillisecond);
}

void done(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void group_clusters(benchmark::State& state) {
  Registers registers = drawn(state);
  for (auto _ : state) benchmark::DoNotOptimize(Clusters(registers).keys());
  done(state);
}
BENCHMARK(group_clusters)->Apply(sizes);

void bound_every_read(benchmark::State& state) {
  Registers registers = drawn(state);
  Clusters clusters(registers);
  for (auto _ : state) benchmark::DoNotOptimize(bounds_of(registers, clusters).size());
  done(state);
}
BENCHMARK(bound_every_read)->Apply(sizes);

void smallest_k_of_every_key(benchmark::State& state) {
  Registers registers = drawn(state);
  Clusters clusters(registers);
  std::int64_t worst = 0;
  for (auto _ : state) {
    for (std::int32_t key = 0; key < clusters.keys(); ++key) {
      worst = std::max(worst, static_cast<std::int64_t>(smallest_k(clusters.of_key(key)).smallest));
    }
  }
  state.counters["worst"] = static_cast<double>(worst);
  done(state);
}
BENCHMARK(smallest_k_of_every_key)->Apply(sizes);

void all_figures(benchmark::State& state) {
  Registers registers = drawn(state);
  std::vector<Bound> bounds = bounds_of(registers, Clusters(registers));
  std::vector<std::int32_t> processes(registers.sessions());
  FaultWatch watch;
  watch.finish(at_start);
  for (auto _ : state) {
    benchmark::DoNotOptimize(by_fault(registers, bounds, watch));
    benchmark::DoNotOptimize(lag_over_time(registers, bounds));
    benchmark::DoNotOptimize(missed_by_age(bounds));
    benchmark::DoNotOptimize(by_process(registers, bounds, processes));
  }
  done(state);
}
BENCHMARK(all_figures)->Apply(sizes);

/// Two more processes read every key at the end: its latest write, or its first one, so that each
/// key needs a search.
void judge_the_end(benchmark::State& state, bool latest) {
  Registers registers = drawn(state);
  Clusters clusters(registers);
  std::vector<Index> values;
  for (std::int32_t key = 0; key < clusters.keys(); ++key) {
    auto all = clusters.of_key(key);
    Index first = all.size() > 1 && all.front().write == weak::initial ? all[1].write
                                                                       : all.front().write;
    values.push_back(latest ? all.back().write : first);
  }
  auto now = static_cast<std::uint32_t>(2 * registers.size() + 1);
  Ending ending{.quiet = {std::int64_t{now} - 1, 0}};
  for (int reader = 0; reader < 2; ++reader) {
    for (std::size_t key = 0; key < values.size(); ++key, now += 2) {
      registers.operations.push_back({.key = static_cast<std::int32_t>(key),
                                      .session = static_cast<std::uint32_t>(registers.sessions()),
                                      .source = values[key],
                                      .invoked = now,
                                      .returned = now + 1});
    }
    registers.session_begin.push_back(static_cast<Index>(registers.size()));
  }
  Clusters with_end(registers);
  ending.given_up.assign(values.size(), Moment{0, 0});
  ending.processes.resize(registers.sessions());
  for (std::size_t i = 0; i < ending.processes.size(); ++i) {
    ending.processes[i] = static_cast<std::int32_t>(i);
  }
  std::size_t refuted_keys = 0;
  for (auto _ : state) {
    Convergence found = converge(registers, with_end, ending, std::chrono::nanoseconds(0), {});
    refuted_keys = 0;
    for (const KeyEnding& key : found.keys) refuted_keys += refuted(key.end) ? 1 : 0;
  }
  state.counters["refuted_keys"] = static_cast<double>(refuted_keys);
  done(state);
}
BENCHMARK_CAPTURE(judge_the_end, on_the_latest, true)->Apply(sizes);
BENCHMARK_CAPTURE(judge_the_end, on_the_first, false)->Apply(sizes);

}  // namespace
}  // namespace sunder::staleness

BENCHMARK_MAIN();
