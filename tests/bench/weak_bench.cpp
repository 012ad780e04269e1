// How long the weak models take to decide for long histories of a causally consistent store.

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include "checker/weak/decide.h"
#include "tests/checker/weak/support/causal_store.h"

namespace sunder {
namespace {

using namespace weak;
using testing_support::causal_store;
using testing_support::CausalStore;

using Decide = Finding (*)(const Registers&, const Limits&);

/// Arguments: operations, clients, sessions that end per mille of operations.
void decides(benchmark::State& state, Decide decide) {
  Registers registers =
      causal_store({.operations = static_cast<std::uint32_t>(state.range(0)),
                    .clients = static_cast<std::uint32_t>(state.range(1)),
                    .retire_per_mille = static_cast<std::uint32_t>(state.range(2))});
  for (auto _ : state) {
    Finding finding = decide(registers, {});
    if (finding.outcome != Outcome::holds) state.SkipWithError("wrong verdict");
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["peak_mb"] = static_cast<double>(usage.ru_maxrss / 1024);
  state.counters["sessions"] = static_cast<double>(registers.sessions());
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
void sizes(benchmark::internal::Benchmark* bench) {
  for (std::int64_t operations : {10'000, 100'000, 1'000'000}) {
    bench->Args({operations, 8, 0})->Args({operations, 64, 0})->Args({operations, 8, 10});
  }
  bench->Unit(benchmark::kMillisecond);
}
BENCHMARK_CAPTURE(decides, causal, decide_causal)->Apply(sizes);
BENCHMARK_CAPTURE(decides, causal_convergence, decide_causal_convergence)->Apply(sizes);
BENCHMARK_CAPTURE(decides, read_your_writes, decide_read_your_writes)->Apply(sizes);
BENCHMARK_CAPTURE(decides, monotonic_reads, decide_monotonic_reads)->Apply(sizes);
BENCHMARK_CAPTURE(decides, monotonic_writes, decide_monotonic_writes)->Apply(sizes);
BENCHMARK_CAPTURE(decides, writes_follow_reads, decide_writes_follow_reads)->Apply(sizes);
BENCHMARK_CAPTURE(decides, cache, decide_cache)->Apply(sizes);
BENCHMARK_CAPTURE(decides, slow, decide_slow)->Apply(sizes);

}  // namespace
}  // namespace sunder

BENCHMARK_MAIN();
