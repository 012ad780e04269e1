// The run loop alone: an in-process client that does nothing, the history written to disk.

#include <benchmark/benchmark.h>

#include <deque>
#include <filesystem>

#include "harness/cli/catalogues.h"
#include "harness/core/assert.h"
#include "harness/generate/sequence.h"
#include "harness/generate/thread.h"
#include "harness/run/run_loop.h"
#include "harness/store/history_writer.h"

namespace sunder {
namespace {

/// Answers each op at once, on the real clock.
class NoOpWorld final : public World {
 public:
  Instant now() const override { return Instant{std::chrono::steady_clock::now() - begin_}; }
  void dispatch(const Op& invocation) override {
    completions_.push_back(invocation);
    completions_.back().phase = Phase::ok;
  }
  std::optional<Op> await(Instant) override {
    if (completions_.empty()) return {};
    Op completion = std::move(completions_.front());
    completions_.pop_front();
    completion.time = now();
    return completion;
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::deque<Op> completions_;
};

void run_loop(benchmark::State& state) {
  constexpr std::uint64_t ops = 200'000;
  Catalogues catalogues = all_catalogues();
  const Workload* workload = catalogues.workloads.find("register");
  ASSERT(workload != nullptr);
  Result<Options> options = Options::parse(workload->options, {});
  std::filesystem::path path = std::filesystem::temp_directory_path() / "run_loop_bench.jsonl";
  for (auto _ : state) {
    std::filesystem::remove(path);
    Test test;
    test.concurrency = 10;
    WorkloadConfig config{*options, test.concurrency, 1};
    test.generator = gen::clients(gen::limit(ops, workload->load(config)));
    Result<std::unique_ptr<HistoryWriter>> writer = HistoryWriter::create(path);
    ASSERT(writer);
    NoOpWorld world;
    RunHooks hooks{.record = [&](const Op& op) { (*writer)->add(op); }};
    History history = run(test, world, hooks);
    ASSERT((*writer)->finish());
    ASSERT(history.size() == 2 * ops);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(ops));
  std::filesystem::remove(path);
}
BENCHMARK(run_loop)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace sunder

BENCHMARK_MAIN();
