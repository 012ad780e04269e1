// What a reading of the clock costs a program: natively, through the library that it was started
// with, through the vDSO that was redirected, through both, and through a vDSO that was redirected
// while the program ran; of a right clock and of a bent one. It is this program, started again.

#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "harness/faultkit/clock/redirect.h"
#include "harness/faultkit/clock/wall_clock.h"
#include "harness/faultkit/process.h"

namespace sunder {
namespace {

constexpr std::int64_t calls = 3'000'000;

double nanoseconds_per_call(clockid_t clock) {
  timespec time{};
  std::int64_t begin = read_clocks().monotonic;
  for (std::int64_t i = 0; i < calls; ++i) ::clock_gettime(clock, &time);
  return static_cast<double>(read_clocks().monotonic - begin) / static_cast<double>(calls);
}

int measure() {
  double monotonic = nanoseconds_per_call(CLOCK_MONOTONIC);
  double wall = nanoseconds_per_call(CLOCK_REALTIME);
  double other = 0;
  std::thread second([&] { other = nanoseconds_per_call(CLOCK_REALTIME); });
  double both = nanoseconds_per_call(CLOCK_REALTIME);
  second.join();
  std::printf("%8.1f %8.1f %8.1f\n", monotonic, wall, (both + other) / 2);
  return 0;
}

struct Way {
  const char* name;
  bool library = false;
  bool redirected = false;
  bool while_it_runs = false;
};

void start(const Way& way, const std::filesystem::path& clock, const std::filesystem::path& log) {
  Launch program;
  program.command = {std::filesystem::read_symlink("/proc/self/exe").string(), "measure"};
  program.log = log.string();
  program.held = way.redirected;
  if (way.library) {
    program.environment = {{"LD_PRELOAD", SUNDER_BINARY_DIR "/libsunder-clock.so"},
                           {"SUNDER_CLOCK", clock.string()}};
  }
  Result<pid_t> child = launch(program);
  Status ready = child ? Status(Done{}) : child.error();
  if (ready && way.redirected) ready = redirect_clock(*child, clock);
  if (ready && way.redirected) ready = let_go(*child);
  if (ready && way.while_it_runs) ready = redirect_running(*child, clock);
  if (!ready) std::printf("%s\n", ready.error().context.c_str());
  if (child) ::waitpid(*child, nullptr, 0);
}

int compare() {
  namespace fs = std::filesystem;
  fs::path folder = fs::temp_directory_path() / ("clock_bench-" + std::to_string(::getpid()));
  fs::create_directory(folder);
  Result<WallClock> clock = WallClock::create(folder / "clock");
  if (!clock) {
    std::printf("%s\n", clock.error().context.c_str());
    return 1;
  }
  std::printf("%-34s %8s %8s %8s\n", "nanoseconds for clock_gettime", "steady", "wall",
              "2 threads");
  for (bool bent : {false, true}) {
    if (bent) clock->bend({.rate_ppm = 1'000, .strobe = 50'000'000, .strobe_period = 10'000'000});
    for (const Way& way :
         {Way{.name = "native"}, Way{.name = "library", .library = true},
          Way{.name = "vDSO", .redirected = true},
          Way{.name = "library and vDSO", .library = true, .redirected = true},
          Way{.name = "vDSO while it runs", .while_it_runs = true}}) {
      fs::path log = folder / "log";
      start(way, clock->file(), log);
      std::ifstream said(log);
      std::string figures;
      std::getline(said, figures);
      std::string name = std::string(way.name) + (bent ? ", bent" : ", right");
      std::printf("%-34s %s\n", name.c_str(), figures.c_str());
      fs::remove(log);
    }
  }
  fs::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace sunder

int main(int argc, char** argv) {
  bool measures = argc > 1 && std::string(argv[1]) == "measure";
  return measures ? sunder::measure() : sunder::compare();
}
