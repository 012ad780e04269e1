#include "harness/agent/right_time.h"

#include <sstream>

namespace sunder {

Result<RightTime> RightTime::read(const HostClock& clock) {
  Result<ClockRate> rate = clock.rate();
  if (!rate) return rate.error();
  Result<std::vector<std::string>> services = clock.services();
  if (!services) return services.error();
  return RightTime{clock.read(), *rate, boot_id(), *services};
}

Duration RightTime::wall_at(Duration boot_time) const {
  Duration elapsed = boot_time - reading.boot;
  return reading.wall + elapsed + gained_at(rate, elapsed);
}

Status RightTime::restore(HostClock& clock) const {
  Status done = Done{};
  if (boot == boot_id()) {
    done = clock.set_rate(rate);
    Duration now = clock.read().boot;
    Status set = clock.set(wall_at(now) - now);
    if (done) done = set;
  }
  for (const std::string& service : services) {
    Status started = clock.start(service);
    if (done) done = started;
  }
  return done;
}

std::string RightTime::to_text() const {
  std::ostringstream text;
  text << reading.wall.count() << ' ' << reading.boot.count() << ' ' << rate.tick << ' '
       << rate.frequency << ' ' << rate.status << ' ' << boot;
  for (const std::string& service : services) text << ' ' << service;
  return text.str();
}

std::optional<RightTime> RightTime::from_text(const std::string& text) {
  std::istringstream words(text);
  std::int64_t wall = 0;
  std::int64_t since_boot = 0;
  RightTime right;
  if (!(words >> wall >> since_boot >> right.rate.tick >> right.rate.frequency >>
        right.rate.status >> right.boot)) {
    return {};
  }
  right.reading = {Duration{wall}, Duration{since_boot}};
  for (std::string service; words >> service;) right.services.push_back(service);
  return right;
}

}  // namespace sunder
