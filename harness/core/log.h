#pragma once
// Messages for the person at the terminal, on standard error. spdlog stays behind this door.

#include <cstdint>
#include <string_view>

namespace sunder::log {

enum class Level : std::uint8_t { debug, info, warning, error };

/// Chooses what is shown; call once from main. `name` stands before each line ("sunder").
void configure(std::string_view name, Level lowest);

void debug(std::string_view message);
void info(std::string_view message);
void warning(std::string_view message);
void error(std::string_view message);

}  // namespace sunder::log
