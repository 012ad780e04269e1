#pragma once
// How values look in the ops of domain checks.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/core/value.h"

namespace sunder::domain {

/// An integer that can be added up a million million times without overflow.
std::optional<std::int64_t> summable(ValueView value);

/// What a map holds under a name, with or without a keyword's colon; nullopt when it holds nothing,
/// or is no map.
std::optional<ValueView> entry(ValueView map, std::string_view name);

/// A text without a keyword's colon.
std::string_view plain(std::string_view text);

/// The items of a list; empty when it is none.
std::vector<ValueView> items(ValueView list);

}  // namespace sunder::domain
