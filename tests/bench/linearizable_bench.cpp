// How long the linearizability of large histories takes to decide: operations in memory, without
// reading them.

#include <benchmark/benchmark.h>

#include "checker/linearizable/decide.h"
#include "tests/checker/support/cas_history.h"
#include "tests/checker/support/distinct_history.h"

namespace sunder {
namespace {

using namespace linearizable;
using testing_support::cas_history;
using testing_support::CasHistory;
using testing_support::distinct_history;
using testing_support::DistinctHistory;
using testing_support::Thing;
using Plant = CasHistory::Plant;

std::unique_ptr<Datatype> datatype_named(std::string_view name) {
  for (const DatatypeEntry& entry : datatypes()) {
    if (entry.name == name) return entry.make(*Options::parse(entry.options, {}));
  }
  return nullptr;
}

void decide_all(benchmark::State& state, std::string_view datatype, const Operations& operations,
                Decision::Outcome expected) {
  std::unique_ptr<Datatype> judge = datatype_named(datatype);
  for (std::int64_t id = 1; id < 1100; ++id) judge->values().intern(Value(id));  // by that number
  for (auto _ : state) {
    Judgement judgement =
        decide(*judge, operations,
               Budget{.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10)}, {});
    if (judgement.outcome != expected)
      state.SkipWithError(judgement.decided() ? "wrong verdict" : judgement.reason.c_str());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(operations.size()));
}

/// One register with values 0 to 4 and 10 processes. Arguments: operations, crashed per mille.
void cas_register(benchmark::State& state, Plant plant) {
  CasHistory wanted{.operations = static_cast<std::uint32_t>(state.range(0)),
                    .crash_per_mille = static_cast<std::uint32_t>(state.range(1)),
                    .plant = plant,
                    .crash_after_plant = plant == Plant::inside_domain};
  decide_all(state, "cas-register", cas_history(wanted),
             plant == Plant::nothing ? Decision::Outcome::linearizable
                                     : Decision::Outcome::not_linearizable);
}
BENCHMARK_CAPTURE(cas_register, valid, Plant::nothing)
    ->ArgsProduct({{100'000}, {0, 1, 10, 50}})
    ->Args({1'000'000, 10})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(cas_register, outside_domain, Plant::outside_domain)
    ->ArgsProduct({{1'000, 10'000, 100'000}, {10}})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(cas_register, inside_domain, Plant::inside_domain)
    ->ArgsProduct({{1'000, 10'000, 100'000}, {10}})
    ->Unit(benchmark::kMillisecond);

/// Distinct values. Arguments: operations, processes, crashed adds or writes per mille.
void distinct(benchmark::State& state, const char* datatype, Thing thing) {
  DistinctHistory wanted{.thing = thing,
                         .operations = static_cast<std::uint32_t>(state.range(0)),
                         .processes = static_cast<std::uint32_t>(state.range(1)),
                         .add_crash_per_mille = static_cast<std::uint32_t>(state.range(2))};
  decide_all(state, datatype, distinct_history(wanted), Decision::Outcome::linearizable);
}
void sizes(benchmark::internal::Benchmark* bench) {
  bench->Args({1'000'000, 8, 0})
      ->Args({1'000'000, 8, 10})
      ->Args({1'000'000, 100, 0})
      ->Args({1'000'000, 1'000, 0})
      ->Args({100'000, 8, 0})
      ->Args({10'000, 8, 0})
      ->Unit(benchmark::kMillisecond);
}
BENCHMARK_CAPTURE(distinct, queue, "fifo-queue", Thing::queue)->Apply(sizes);
BENCHMARK_CAPTURE(distinct, stack, "stack", Thing::stack)->Apply(sizes);
BENCHMARK_CAPTURE(distinct, priority_queue, "priority-queue", Thing::priority_queue)->Apply(sizes);
BENCHMARK_CAPTURE(distinct, set, "set", Thing::set)->Apply(sizes);
BENCHMARK_CAPTURE(distinct, cell, "register", Thing::cell)->Apply(sizes);

/// One take in a hundred crashes. Arguments: operations.
void crashed_takes(benchmark::State& state, const char* datatype, Thing thing) {
  DistinctHistory wanted{.thing = thing,
                         .operations = static_cast<std::uint32_t>(state.range(0)),
                         .take_crash_per_mille = 10};
  decide_all(state, datatype, distinct_history(wanted), Decision::Outcome::linearizable);
}
BENCHMARK_CAPTURE(crashed_takes, queue, "fifo-queue", Thing::queue)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(1'000'000)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(crashed_takes, stack, "stack", Thing::stack)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(crashed_takes, priority_queue, "priority-queue", Thing::priority_queue)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sunder

BENCHMARK_MAIN();
