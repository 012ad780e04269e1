#pragma once
// Programs of the host that do for us what only they can do well, such as nft.

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.h"
#include "harness/core/time.h"

namespace sunder {

/// Runs a program with our own rights to its end; it is looked for in the system's usual folders.
/// What it printed. Errors: it is missing, it does not end, or its exit code and complaint.
Result<std::string> run_tool(const std::vector<std::string>& command, std::string_view input,
                             Duration time_limit);

}  // namespace sunder
