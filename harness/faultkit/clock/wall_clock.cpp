#include "harness/faultkit/clock/wall_clock.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cstring>
#include <new>
#include <utility>

#include "harness/core/assert.h"
#include "harness/faultkit/clock/hook.h"
#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

std::int64_t read_clock(clockid_t id) {
  timespec time{};
  ::clock_gettime(id, &time);
  return nanoseconds_of(time);
}

}  // namespace

ClockReading read_clocks() {
  // Whoever is interrupted in between reads two different moments: the closest of a few is taken.
  constexpr int attempts = 5;
  constexpr std::int64_t good = 1'000;
  ClockReading best;
  std::int64_t width = 0;
  for (int i = 0; i < attempts && (i == 0 || width > good); ++i) {
    std::int64_t before = read_clock(CLOCK_MONOTONIC);
    std::int64_t wall = read_clock(CLOCK_REALTIME);
    std::int64_t after = read_clock(CLOCK_MONOTONIC);
    if (i > 0 && after - before >= width) continue;
    width = after - before;
    best = {before + width / 2, wall};
  }
  return best;
}

Result<WallClock> WallClock::create(std::filesystem::path file) {
  Descriptor opened(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!opened || ::fchmod(opened.get(), 0644) != 0 ||
      ::ftruncate(opened.get(), clock_file_size) != 0) {
    return system_error("make the node's clock at " + file.string());
  }
  void* mapping = ::mmap(nullptr, clock_file_size, PROT_READ | PROT_WRITE, MAP_SHARED,
                         opened.get(), 0);
  if (mapping == MAP_FAILED) return system_error("map the node's clock");
  std::span<const std::byte> code = hook_code();
  ASSERT(code.size() <= hook_slots_offset);
  std::memcpy(mapping, code.data(), code.size());
  new (static_cast<std::byte*>(mapping) + clock_file_page) ClockPage;
  return WallClock(std::move(file), mapping);
}

WallClock::WallClock(std::filesystem::path file, void* mapping)
    : file_(std::move(file)), mapping_(mapping) {}

WallClock::WallClock(WallClock&& other) noexcept
    : file_(std::move(other.file_)), mapping_(std::exchange(other.mapping_, nullptr)) {}

WallClock::~WallClock() {
  if (mapping_ != nullptr) ::munmap(mapping_, clock_file_size);
}

ClockPage& WallClock::page() const {
  return *std::launder(
      reinterpret_cast<ClockPage*>(static_cast<std::byte*>(mapping_) + clock_file_page));
}

ClockBend WallClock::present(const ClockReading& now) const {
  ClockBend bend = page().read();
  if (bend.bent != 0) return bend;
  constexpr std::int64_t half = clock_second / 2;
  std::int64_t tai = read_clock(CLOCK_TAI) - read_clock(CLOCK_REALTIME);
  return {.bent = 1,
          .since = now.monotonic,
          .wall = now.wall,
          .tai = (tai + half) / clock_second * clock_second};
}

void WallClock::step(std::int64_t nanoseconds) {
  ClockBend bend = present(read_clocks());
  bend.wall += nanoseconds;
  page().write(bend);
}

void WallClock::bend(const ClockTurn& turn) {
  ClockReading now = read_clocks();
  ClockBend before = present(now);
  before.strobe = 0;
  page().write({.bent = 1,
                .since = now.monotonic,
                .wall = wall_at(before, now.monotonic),
                .tai = before.tai,
                .rate_ppm = turn.rate_ppm,
                .gain_most = turn.gain_most,
                .strobe = turn.strobe,
                .strobe_period = turn.strobe_period});
}

void WallClock::reset() { page().write({}); }

}  // namespace sunder
