#pragma once
// The isolation that a system promises, and by what name it claims it.

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/options.h"
#include "nodes/txn/trace.h"

namespace sunder::txn {

struct Claim {
  Level level = Level::serializable;
  bool strong = false;  // in real time too
};

/// "read-committed", "strong-snapshot-isolation", "strict-serializable" ...
std::string name_of(const Claim& claim);

/// The option `held-to`, by which a run is held to another claim than the system's own.
OptionSpec held_to_option();
Claim held_to(const Options& options, const Claim& own);

}  // namespace sunder::txn
