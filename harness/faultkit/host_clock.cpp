#include "harness/faultkit/host_clock.h"

#include <sys/timex.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "harness/faultkit/system_error.h"
#include "harness/faultkit/tool.h"

namespace sunder {
namespace {

constexpr Duration service_limit = std::chrono::seconds(20);
constexpr Duration moment = std::chrono::microseconds(50);  // two readings of one moment
constexpr int attempts = 10;                                // until nothing comes between

Duration time_of(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

Duration since_boot() {
  Duration suspended = time_of(CLOCK_BOOTTIME) - time_of(CLOCK_MONOTONIC);
  // The two are read one after the other: what is less than a moment is no suspension.
  if (suspended < std::chrono::milliseconds(500)) suspended = Duration{0};
  return time_of(CLOCK_MONOTONIC_RAW) + suspended;
}

bool is_active(const std::string& service) {
  return static_cast<bool>(
      run_tool({"systemctl", "is-active", "--quiet", service}, "", service_limit));
}

/// The name of a running process that sets clocks, or "".
std::string running_program() {
  constexpr std::array<std::string_view, 5> names = {"chronyd", "ntpd", "systemd-timesyn",
                                                     "openntpd", "ntpsec"};
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
    std::ifstream file(entry.path() / "comm");
    std::string name;
    if (file >> name && std::find(names.begin(), names.end(), name) != names.end()) return name;
  }
  return "";
}

class OwnClock final : public HostClock {
 public:
  HostClockReading read() const override {
    HostClockReading reading;
    for (int i = 0; i < attempts; ++i) {
      reading.boot = since_boot();
      reading.wall = time_of(CLOCK_REALTIME);
      if (since_boot() - reading.boot < moment) break;
    }
    return reading;
  }

  Status set(Duration ahead) override {
    for (int i = 0; i < attempts; ++i) {
      Duration boot = since_boot();
      Duration wall = boot + ahead;
      timespec time{};
      time.tv_sec = wall.count() / 1'000'000'000;
      time.tv_nsec = wall.count() % 1'000'000'000;
      if (::clock_settime(CLOCK_REALTIME, &time) != 0) return system_error("set the clock");
      if (since_boot() - boot < moment) break;
    }
    return Done{};
  }

  Result<ClockRate> rate() const override {
    timex now{};
    if (::adjtimex(&now) < 0) return system_error("read the clock's rate");
    return ClockRate{now.tick, now.freq, now.status};
  }

  Status set_rate(const ClockRate& rate) override {
    timex wanted{};
    wanted.modes = ADJ_TICK | ADJ_FREQUENCY | ADJ_STATUS;
    wanted.tick = rate.tick;
    wanted.freq = rate.frequency;
    wanted.status = rate.status;
    if (::adjtimex(&wanted) < 0) return system_error("set the clock's rate");
    return Done{};
  }

  Status may_be_bent(const std::string& controller_boot) const override {
    if (controller_boot.empty() || controller_boot == boot_id()) {
      return Error{Error::Code::refused,
                   "this host's clock is the controller's own, which is not to be bent; clock "
                   "faults need hosts with kernels of their own"};
    }
    // Needs the same right as a change, and changes nothing.
    timex same{};
    if (::adjtimex(&same) < 0) return system_error("read the clock's rate");
    same.modes = ADJ_TICK;
    if (::adjtimex(&same) >= 0) return Done{};
    return system_error("set the clock", "the agent needs the right to (CAP_SYS_TIME)");
  }

  Result<std::vector<std::string>> services() const override {
    std::vector<std::string> running;
    // chronyd is an alias on some systems, and then active under both names: the first will do.
    for (const char* service : {"chrony", "chronyd", "systemd-timesyncd", "ntp", "ntpd", "ntpsec",
                                "openntpd"}) {
      bool twice = std::string_view(service) == "chronyd" && !running.empty();
      if (!twice && is_active(service)) running.emplace_back(service);
    }
    std::string program = running.empty() ? running_program() : "";
    if (program.empty()) return running;
    return Error{Error::Code::environment,
                 program + " sets this host's clock and is no service of systemd's that could be "
                           "stopped; stop it by hand"};
  }
  Status stop(const std::string& service) override { return control("stop", service); }
  Status start(const std::string& service) override { return control("start", service); }

 private:
  static Status control(const char* act, const std::string& service) {
    Result<std::string> done = run_tool({"systemctl", act, service}, "", service_limit);
    if (!done) return done.error();
    return Done{};
  }
};

}  // namespace

Duration gained_at(const ClockRate& rate, Duration elapsed) {
  constexpr std::int64_t usual_tick = 10'000;
  // In thousandths of a millionth, and in parts that cannot overflow.
  std::int64_t parts = (rate.tick - usual_tick) * 100'000 + rate.frequency * 1000 / 65536;
  std::int64_t seconds = elapsed.count() / 1'000'000'000;
  std::int64_t rest = elapsed.count() % 1'000'000'000;
  return Duration{seconds * parts + rest * parts / 1'000'000'000};
}

std::unique_ptr<HostClock> own_clock() { return std::make_unique<OwnClock>(); }

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  file >> id;
  return id;
}

}  // namespace sunder
