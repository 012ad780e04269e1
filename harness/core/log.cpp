#include "harness/core/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace sunder::log {
namespace {

spdlog::level::level_enum translate(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

void configure(std::string_view name, Level lowest) {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>(std::string(name), sink);
  logger->set_pattern("%^%n: %v%$");
  logger->set_level(translate(lowest));
  spdlog::set_default_logger(std::move(logger));
}

void debug(std::string_view message) { spdlog::debug("{}", message); }
void info(std::string_view message) { spdlog::info("{}", message); }
void warning(std::string_view message) { spdlog::warn("warning: {}", message); }
void error(std::string_view message) { spdlog::error("error: {}", message); }

}  // namespace sunder::log
