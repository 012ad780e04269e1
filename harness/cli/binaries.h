#pragma once
// Where the other executables of the project are: beside the controller.

#include <string>

#include "harness/core/result.h"

namespace sunder {

/// The path of an executable in the folder of this one. Error (environment): it is not there.
Result<std::string> sibling_binary(const std::string& name);

/// The path of a program on PATH. Error (not_found): none is executable.
Result<std::string> binary_on_path(const std::string& name);

}  // namespace sunder
