#pragma once
// What the operating system refused, as a sentence.

#include <string_view>

#include "harness/core/result.h"

namespace sunder {

/// "cannot <act>: <text of errno>", with the cure behind it when there is one. Reads errno.
Error system_error(std::string_view act, std::string_view cure = {});

}  // namespace sunder
