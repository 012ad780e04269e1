#pragma once
// Ops changed or dropped on their way out.

#include <functional>

#include "harness/api/generator.h"

namespace sunder::gen {

/// Every op as `change` makes it; it must leave time and process alone.
Generator map(std::function<Op(Op)> change, Generator generator);

/// Only the ops that `keep` accepts. It must accept one in any ten thousand.
Generator filter(std::function<bool(const Op&)> keep, Generator generator);

}  // namespace sunder::gen
