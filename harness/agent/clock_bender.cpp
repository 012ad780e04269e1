#include "harness/agent/clock_bender.h"

#include <sys/timex.h>

namespace sunder {
namespace {

constexpr Duration shortest_pause = std::chrono::microseconds(200);
constexpr Duration course_pause = std::chrono::milliseconds(5);  // between sets of the clock
// How far a clock may be off its course before it is set: a running one is left alone.
constexpr Duration tolerance = std::chrono::microseconds(100);
constexpr Duration smooth_tolerance = std::chrono::milliseconds(2);

}  // namespace

Status ClockBender::begin() {
  if (bent()) return Done{};
  Result<RightTime> right = RightTime::read(clock_);
  if (!right) return right.error();
  Status done = journal_.will(UndoJournal::clock, right->to_text());
  if (!done) return done;
  right_ = *std::move(right);
  for (const std::string& service : right_->services) {
    if (done) done = clock_.stop(service);
  }
  // The kernel writes a clock that is in sync to the machine's own; a wrong one must not last.
  ClockRate unsynced = right_->rate;
  unsynced.status |= STA_UNSYNC;
  if (done) done = clock_.set_rate(unsynced);
  if (!done) (void)reset();
  return done;
}

Status ClockBender::step(Duration by) {
  if (Status begun = begin(); !begun) return begun;
  std::lock_guard lock(mutex_);
  stepped_ += by;
  Duration now = clock_.read().boot;
  return clock_.set(wanted_at(now) - now);
}

Status ClockBender::bend(const ClockCourse& course) {
  if (Status begun = begin(); !begun) return begun;
  stop_course();
  std::lock_guard lock(mutex_);
  Duration now = clock_.read().boot;
  course_.strobe = Duration{0};  // it has jumped back; only what a rate has gained stays
  stepped_ += gain_of(course_, now - course_begun_);
  course_ = course;
  course_begun_ = now;
  std::optional<ClockRate> rate = rate_for(course.strobe_period.count() > 0 ? 0 : course.rate_ppm);
  smooth_ = rate && course.rate_ppm != 0 && course.strobe_period.count() == 0;
  Status done = clock_.set_rate(smooth_ ? *rate : right_->rate);
  if (!done) return done;
  keep_course();
  stopping_ = false;
  thread_ = std::thread([this] { work(); });
  return done;
}

Status ClockBender::reset() {
  if (!bent()) return Done{};
  stop_course();
  std::lock_guard lock(mutex_);
  course_ = {};
  stepped_ = Duration{0};
  // What a former agent left has been undone before this one began, so this is our own.
  Status done = right_ ? right_->restore(clock_) : Done{};
  return done ? journal_.undone(UndoJournal::clock) : done;
}

ClockBender::State ClockBender::state() const {
  std::lock_guard lock(mutex_);
  HostClockReading reading = clock_.read();
  if (!right_) return {reading.wall, Duration{0}};
  return {reading.wall, reading.wall - right_->wall_at(reading.boot)};
}

void ClockBender::stop_course() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ClockBender::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    keep_course();
    wake_.wait_for(lock, pause());
  }
}

Duration ClockBender::wanted_at(Duration boot_time) const {
  return right_->wall_at(boot_time) + stepped_ + gain_of(course_, boot_time - course_begun_);
}

void ClockBender::keep_course() {
  HostClockReading reading = clock_.read();
  Duration gain = gain_of(course_, reading.boot - course_begun_);
  if (smooth_ && course_.gain_most.count() > 0 && std::chrono::abs(gain) >= course_.gain_most) {
    smooth_ = false;
    (void)clock_.set_rate(right_->rate);
  }
  Duration wanted = wanted_at(reading.boot);
  if (std::chrono::abs(reading.wall - wanted) > (smooth_ ? smooth_tolerance : tolerance)) {
    (void)clock_.set(wanted - reading.boot);
  }
}

/// A strobe is kept to its times; all else is looked after often.
Duration ClockBender::pause() const {
  if (course_.strobe_period.count() <= 0) return course_pause;
  Duration elapsed = clock_.read().boot - course_begun_;
  Duration until_jump = course_.strobe_period - elapsed % course_.strobe_period;
  return std::max(shortest_pause,
                  course_.rate_ppm == 0 ? until_jump : std::min(until_jump, course_pause));
}

/// The kernel runs a clock smoothly at up to a tenth too fast or too slow, as when a time service
/// slews it; beyond that it has to be set again and again.
std::optional<ClockRate> ClockBender::rate_for(std::int64_t rate_ppm) const {
  constexpr std::int64_t ppm_per_tick = 100;
  constexpr std::int64_t tick_least = 9'000;
  constexpr std::int64_t tick_most = 11'000;
  constexpr std::int64_t frequency_most = std::int64_t{500} << 16;
  ClockRate rate = right_->rate;
  rate.status |= STA_UNSYNC;
  rate.tick += rate_ppm / ppm_per_tick;
  rate.frequency += (rate_ppm % ppm_per_tick) * 65536;
  bool possible = rate.tick >= tick_least && rate.tick <= tick_most &&
                  std::abs(rate.frequency) <= frequency_most;
  return possible ? std::optional(rate) : std::nullopt;
}

}  // namespace sunder
