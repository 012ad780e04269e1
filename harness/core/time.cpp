#include "harness/core/time.h"

#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <ctime>

namespace sunder {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr std::array<Unit, 7> units = {{{"ns", 1},
                                        {"us", 1'000},
                                        {"ms", 1'000'000},
                                        {"s", 1'000'000'000},
                                        {"", 1'000'000'000},
                                        {"m", 60'000'000'000},
                                        {"h", 3'600'000'000'000}}};

Error not_a_duration(std::string_view text) {
  return Error{Error::Code::malformed,
               "'" + std::string(text) + "' is not a duration; write for example 30s, 200ms or 2m"};
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  std::int64_t whole = 0;
  auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error != std::errc{} || whole < 0) return not_a_duration(text);
  std::string_view tail = text.substr(static_cast<std::size_t>(rest - text.data()));
  std::int64_t fraction = 0;  // in billionths
  if (!tail.empty() && tail.front() == '.') {
    tail.remove_prefix(1);
    std::int64_t place = 100'000'000;
    if (tail.empty() || std::isdigit(static_cast<unsigned char>(tail.front())) == 0) {
      return not_a_duration(text);
    }
    for (; !tail.empty() && std::isdigit(static_cast<unsigned char>(tail.front())) != 0;
         tail.remove_prefix(1), place /= 10) {
      fraction += place * (tail.front() - '0');
    }
  }
  for (const Unit& unit : units) {
    if (tail != unit.name) continue;
    if (whole > Duration::max().count() / unit.nanoseconds / 2) return not_a_duration(text);
    auto part = static_cast<std::int64_t>(static_cast<__int128>(fraction) * unit.nanoseconds /
                                          1'000'000'000);
    return Duration{whole * unit.nanoseconds + part};
  }
  return not_a_duration(text);
}

std::string format_duration(Duration duration) {
  std::int64_t count = duration.count();
  std::string sign = count < 0 ? "-" : "";
  auto magnitude = count < 0 ? -static_cast<double>(count) : static_cast<double>(count);
  std::array<char, 48> buffer{};
  auto print = [&](double value, const char* unit) {
    int decimals = value >= 100 || value == static_cast<double>(static_cast<long>(value)) ? 0
                   : value >= 10                                                         ? 1
                                                                                         : 2;
    std::snprintf(buffer.data(), buffer.size(), "%.*f%s", decimals, value, unit);
    return sign + buffer.data();
  };
  if (magnitude < 1e3) return print(magnitude, "ns");
  if (magnitude < 1e6) return print(magnitude / 1e3, "us");
  if (magnitude < 1e9) return print(magnitude / 1e6, "ms");
  if (magnitude < 120e9) return print(magnitude / 1e9, "s");
  return print(magnitude / 60e9, "m");
}

std::string format_utc(WallTime time) {
  std::int64_t since_epoch = time.time_since_epoch().count();
  std::time_t seconds = since_epoch / 1'000'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                parts.tm_sec, static_cast<int>(since_epoch / 1'000'000 % 1000));
  return buffer.data();
}

}  // namespace sunder
