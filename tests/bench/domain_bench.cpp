// Domain checks on long histories, from feeding the first op to the verdict, and how their time
// grows with the length.

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdio>

#include "catalogue/checker.h"
#include "harness/core/rng.h"

namespace sunder {
namespace {

using std::chrono::steady_clock;

/// Eight processes call a right object in turns; every call takes effect when it ends. Of
/// `operations`, two in a thousand crash.
class Load {
 public:
  explicit Load(std::int64_t operations) : left_(operations) {}

  /// Adds, and a read of everything each time that the set has doubled.
  History set() {
    std::int64_t next = 0;
    std::int64_t due = 1'000;
    while (left_ > 0) {
      if (next >= due && !busy_[0]) {
        due *= 2;
        call(0, "read", {}, elements_);
        continue;
      }
      step([&] { return Op{.verb = "add", .value = ++next}; },
           [&](Op& op) { elements_.push_back(op.value); });
    }
    settle([&](Op& op) { elements_.push_back(op.value); });
    call(0, "read", {}, elements_);
    return builder_.take();
  }

  /// As many enqueues as dequeues, and a drain in the end.
  History queue() {
    std::int64_t next = 0;
    std::size_t first = 0;
    auto apply = [&](Op& op) {
      if (op.verb == "enqueue")
        elements_.push_back(op.value);
      else if (first < elements_.size())
        op.value = elements_[first++];
    };
    while (left_ > 0) {
      step(
          [&] {
            return rng_.below(2) == 0 ? Op{.verb = "enqueue", .value = ++next}
                                      : Op{.verb = "dequeue"};
          },
          apply);
    }
    settle(apply);
    List rest(elements_.begin() + static_cast<std::ptrdiff_t>(first), elements_.end());
    call(0, "drain", {}, rest);
    return builder_.take();
  }

 private:
  template <class Ask, class Apply>
  void step(Ask ask, Apply apply) {
    std::size_t at = rng_.below(8);
    if (busy_[at]) return finish(at, apply);
    pending_[at] = ask();
    pending_[at].process = process_[at];
    busy_[at] = true;
    --left_;
    add(pending_[at], Phase::invoke);
  }
  template <class Apply>
  void finish(std::size_t at, Apply apply) {
    busy_[at] = false;
    bool crashes = pending_[at].verb != "dequeue" && rng_.below(1'000) < 2;
    apply(pending_[at]);
    add(pending_[at], crashes ? Phase::info : Phase::ok);
    if (crashes) process_[at].id += 8;
  }
  template <class Apply>
  void settle(Apply apply) {
    for (std::size_t at = 0; at < 8; ++at) {
      if (busy_[at]) finish(at, apply);
    }
  }
  void call(std::size_t at, const char* verb, Value asked, Value answered) {
    Op op{.process = process_[at], .verb = verb, .value = std::move(asked)};
    add(op, Phase::invoke);
    op.value = std::move(answered);
    add(op, Phase::ok);
  }
  void add(Op& op, Phase phase) {
    op.phase = phase;
    op.time = instant_at(now_ += 1'000);
    builder_.add(op);
  }

  std::int64_t left_;
  std::int64_t now_ = 0;
  Rng rng_{1, Stream::of("domain bench")};
  HistoryBuilder builder_;
  std::array<bool, 8> busy_{};
  std::array<Op, 8> pending_{};
  std::array<Process, 8> process_{Process{0}, Process{1}, Process{2}, Process{3},
                                  Process{4}, Process{5}, Process{6}, Process{7}};
  List elements_;
};

struct Subject {
  const char* checker;
  History (Load::*make)();
};
constexpr Subject set_full{"set-full g-set", &Load::set};
constexpr Subject total_queue{"total-queue unordered-queue", &Load::queue};
constexpr Subject fifo_order{"fifo-order fifo-queue", &Load::queue};

void judge(benchmark::State& state, Subject subject) {
  Registry<CheckerEntry> registry;
  add_all_checker(registry);
  const CheckerEntry& entry = *registry.find(subject.checker);
  CheckContext context;
  context.options = *Options::parse(entry.options, {});
  Load load(state.range(0));
  History history = (load.*subject.make)();
  for (auto _ : state) {
    Verdict verdict = check(*entry.make(), context, history);
    if (verdict.validity != Validity::valid) state.SkipWithError(verdict.summary.c_str());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

void sizes(benchmark::internal::Benchmark* bench) {
  bench->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
}
BENCHMARK_CAPTURE(judge, set_full, set_full)->Apply(sizes);
BENCHMARK_CAPTURE(judge, total_queue, total_queue)->Apply(sizes);
BENCHMARK_CAPTURE(judge, fifo_order, fifo_order)->Apply(sizes);

/// Prints the exponent of growth of processor time between each two lengths beside the usual table.
class GrowthReporter final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      if (run.error_occurred || run.run_type != Run::RT_Iteration) continue;
      std::string name = run.run_name.function_name;
      double seconds = run.GetAdjustedCPUTime();
      if (name == name_ && seconds_ > 0) {
        double exponent = std::log10(seconds / seconds_) /
                          std::log10(static_cast<double>(run.complexity_n) / length_);
        std::printf("  growth exponent from %.0f to %.0f operations: %.2f\n", length_,
                    static_cast<double>(run.complexity_n), exponent);
      }
      name_ = name;
      seconds_ = seconds;
      length_ = static_cast<double>(run.complexity_n);
    }
  }

 private:
  std::string name_;
  double seconds_ = 0;
  double length_ = 1;
};

}  // namespace
}  // namespace sunder

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  sunder::GrowthReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
}
