// What asking generators costs the run loop: one op is one ask and two events.

#include <benchmark/benchmark.h>

#include "harness/generate/generate.h"
#include "harness/generate/simulate.h"

namespace sunder {
namespace {

using namespace std::chrono_literals;

Generator reads_and_writes(std::uint64_t seed) {
  Rng rng(seed, Stream::of("bench"));
  return gen::drawn(rng, [](const Context&, Rng& draws) {
    if (draws.chance({1, 2})) return gen::Draft{"read"};
    return gen::Draft{"write", draws.between(0, 4)};
  });
}

Generator faults() {
  return gen::delay(1ms, gen::cycle(gen::ops({{"start-partition"}, {"stop-partition"}})));
}

void play(benchmark::State& state, const Generator& generator) {
  constexpr std::size_t ops = 10'000;
  int clients = static_cast<int>(state.range(0));
  auto answers = [](const Op& op) { return gen::Answer{Phase::ok, Duration{100 + op.process.id}}; };
  for (auto _ : state) {
    benchmark::DoNotOptimize(gen::simulate(generator, {clients, 2}, answers, ops).history.size());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(ops));
}

void load_and_faults(benchmark::State& state) {
  Rng rng(3, Stream::of("mix"));
  Generator load = gen::mix(rng, {reads_and_writes(1), reads_and_writes(2)});
  play(state, gen::time_limit(60s, gen::any({gen::clients(load), gen::nemesis(faults())})));
}
BENCHMARK(load_and_faults)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);

void independent_keys(benchmark::State& state) {
  auto one = [](const Value& key) {
    auto seed = static_cast<std::uint64_t>(key.integer());
    return gen::limit(300, gen::process_limit(20, reads_and_writes(seed)));
  };
  Generator load = gen::concurrent_keys(10, gen::integer_keys(), one);
  play(state, gen::time_limit(60s, gen::any({gen::clients(load), gen::nemesis(faults())})));
}
BENCHMARK(independent_keys)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);

void paced_keys(benchmark::State& state) {
  auto one = [](const Value& key) {
    auto seed = static_cast<std::uint64_t>(key.integer());
    return gen::limit(300, gen::process_limit(20, reads_and_writes(seed)));
  };
  Generator load = gen::concurrent_keys(10, gen::integer_keys(), one);
  Generator paced = gen::stagger(Rng(4, Stream::of("pace")), 100ns, gen::clients(load));
  play(state, gen::time_limit(60s, gen::any({paced, gen::nemesis(faults())})));
}
BENCHMARK(paced_keys)->Arg(10)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sunder

BENCHMARK_MAIN();
