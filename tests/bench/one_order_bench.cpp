// How long the models of one order take on large histories of named families, and how that grows:
// time is about operations to the power of the exponent.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "checker/weak/decide.h"
#include "tests/checker/weak/support/families.h"

namespace sunder {
namespace {

using testing_support::family;
using testing_support::Family;
using Clock = std::chrono::steady_clock;
using Decide = weak::Finding(const weak::Registers&, const weak::Limits&);

struct Load {
  const char* name;
  Decide* decide;
  Family family;
};

const std::vector<Load>& loads() {
  using Plant = Family::Plant;
  static const std::vector<Load> list{
      {"sequential, 100 zipf keys", weak::decide_sequential, {}},
      {"sequential, sessions lag by 100 writes", weak::decide_sequential, {.lag = 100}},
      {"sequential, 5 keys", weak::decide_sequential, {.keys = 5, .zipf = false}},
      {"sequential, 10,000 keys", weak::decide_sequential, {.keys = 10'000, .zipf = false}},
      {"sequential, 1 % info", weak::decide_sequential, {.retired_per_mille = 10}},
      {"sequential, 1 % info, 80 % reads",
       weak::decide_sequential,
       {.read_percent = 80, .retired_per_mille = 10}},
      {"sequential, 1 % info, 20 % reads",
       weak::decide_sequential,
       {.read_percent = 20, .retired_per_mille = 10}},
      {"sequential, 1 % info, 10,000 keys",
       weak::decide_sequential,
       {.keys = 10'000, .retired_per_mille = 10}},
      {"sequential refuted, an old value", weak::decide_sequential, {.plant = Plant::old_value}},
      {"sequential refuted, a split order", weak::decide_sequential, {.plant = Plant::split_order}},
      {"ordered-sequential, lag 100", weak::decide_ordered_sequential, {.lag = 100}},
      {"ordered-sequential, 1 % info", weak::decide_ordered_sequential, {.retired_per_mille = 10}},
      {"consistent-prefix, lag 100",
       weak::decide_consistent_prefix,
       {.lag = 100, .sees_own_writes = false}},
      {"processor, 100 zipf keys", weak::decide_processor, {}},
  };
  return list;
}

/// Seconds, the median of some runs; negative when it is undecided.
double measure(const Load& load, const Family& wanted, int runs) {
  std::vector<double> times;
  for (int run = 0; run < runs; ++run) {
    Family one = wanted;
    one.seed = static_cast<std::uint64_t>(run) + 1;
    weak::Registers registers = family(one);
    Clock::time_point began = Clock::now();
    weak::Finding finding = load.decide(registers, {.deadline = began + std::chrono::seconds(30)});
    std::chrono::duration<double> taken = Clock::now() - began;
    bool refuted = wanted.plant != Family::Plant::nothing;
    if (finding.outcome == weak::Outcome::unknown) return -1;
    if ((finding.outcome == weak::Outcome::refuted) != refuted) std::abort();
    times.push_back(taken.count());
  }
  std::nth_element(times.begin(), times.begin() + runs / 2, times.end());
  return times[static_cast<std::size_t>(runs / 2)];
}

void print(double seconds) {
  if (seconds < 0) {
    std::printf(" %10s", "unknown");
  } else {
    std::printf(" %8.0f ms", seconds * 1000);
  }
}

void run(const Load& load, std::uint32_t sessions, int runs) {
  std::printf("%-40s %3u", load.name, sessions);
  double before = -1;
  double now = -1;
  for (std::uint32_t operations : {10'000U, 100'000U, 1'000'000U}) {
    Family wanted = load.family;
    wanted.operations = operations;
    wanted.sessions = sessions;
    before = now;
    now = measure(load, wanted, runs);
    print(now);
    std::fflush(stdout);
  }
  if (before > 0 && now > 0) std::printf("  %.2f", std::log10(now / before));
  std::printf("\n");
}

}  // namespace
}  // namespace sunder

/// Arguments: how many runs each (3), and a part of the names of the families to run.
int main(int count, char** arguments) {
  int runs = count > 1 ? std::max(1, static_cast<int>(std::strtol(arguments[1], nullptr, 10))) : 3;
  std::string_view part = count > 2 ? arguments[2] : "";
  std::printf("%-40s %3s %11s %11s %11s  exponent from 100,000 to 1,000,000\n", "family (medians)",
              "sessions at once", "10,000", "100,000", "1,000,000");
  for (const sunder::Load& load : sunder::loads()) {
    if (std::string_view(load.name).find(part) == std::string_view::npos) continue;
    for (std::uint32_t sessions : {8U, 64U}) sunder::run(load, sessions, runs);
  }
}
