// How the time to judge replicated datatypes grows with the history: witnessed histories of three
// replicas, 10 processes, in memory. Prints the exponent from each size to the next; 1 is linear.
// replicated_bench [largest size, 1000000 unless given]

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "catalogue/checker.h"
#include "harness/core/assert.h"
#include "tests/checker/support/little_replicas.h"

namespace sunder {
namespace {

using namespace testing_support;
using Clock = std::chrono::steady_clock;

History history_of(LittleKind kind, std::size_t operations) {
  LittleLoad load{.kind = kind, .operations = operations, .processes = 10, .logs = false};
  load.domain = kind == LittleKind::mv_register || kind == LittleKind::lww_register ? 0 : 20;
  load.length = 50;
  load.info_per_mille = 0;
  return built(little_history(1, load));
}

/// The median of three runs, in milliseconds.
double judged(const CheckerEntry& entry, const History& history, bool causal) {
  CheckContext context;
  context.options =
      *Options::parse(entry.options, {{"causal", causal ? "true" : "false"}, {"finale", "true"}});
  std::vector<double> times;
  for (int run = 0; run < 3; ++run) {
    auto start = Clock::now();
    Verdict verdict = check(*entry.make(), context, history);
    std::chrono::duration<double, std::milli> took = Clock::now() - start;
    ASSERT_MSG(verdict.validity == Validity::valid, verdict.summary);
    times.push_back(took.count());
  }
  std::sort(times.begin(), times.end());
  return times[1];
}

void measure(const Registry<CheckerEntry>& registry, LittleKind kind, std::size_t largest) {
  std::string model = kind == LittleKind::list ? "strong-list " : "eventual ";
  const CheckerEntry* entry = registry.find(model + datatype_of(kind));
  ASSERT(entry != nullptr);
  double before = 0;
  for (std::size_t operations = 10'000; operations <= largest; operations *= 10) {
    double ms = judged(*entry, history_of(kind, operations), true);
    std::printf("%-28s %9zu operations %10.1f ms %8.0f ns/operation", entry->name.c_str(),
                operations, ms, ms * 1e6 / static_cast<double>(operations));
    if (before > 0) std::printf("   exponent %.2f", std::log10(ms / before));
    std::printf("\n");
    std::fflush(stdout);
    before = ms;
  }
}

}  // namespace
}  // namespace sunder

int main(int argc, char** argv) {
  std::size_t largest = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  sunder::Registry<sunder::CheckerEntry> registry;
  sunder::add_all_checker(registry);
  for (sunder::testing_support::LittleKind kind : sunder::testing_support::little_kinds) {
    // Documents of 50 elements are ten times as large as other answers.
    bool list = kind == sunder::testing_support::LittleKind::list;
    sunder::measure(registry, kind, list ? largest / 10 : largest);
  }
  return 0;
}
