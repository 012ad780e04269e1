#pragma once
// Lines of a file as words, for the files that name hosts.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.h"

namespace sunder {

/// Words between white space; double quotes keep it; '#' at the begin of a word ends the line.
/// Error: a quote that is not closed, without the place.
Result<std::vector<std::string>> words_of(std::string_view line);

std::vector<std::string_view> lines_of(std::string_view text);

std::optional<std::uint16_t> parse_port(const std::string& text);

/// "<file>:<line>: <why>"
Error error_at(const std::string& file, std::size_t line, const std::string& why);

/// "~/x" as the home of the calling user has it.
std::string expand_home(const std::string& path);

}  // namespace sunder
