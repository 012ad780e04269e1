#pragma once
// Random transactions over a window of keys that moves on, in the manner of Elle's generators.

#include "workloads/parts/keys.h"

namespace sunder {

/// An endless load of `txn` ops: [:r key nil], and [write key value] with values that no other
/// micro-op has. Options: those of MovingKeys, `length-min`, `length-max`, `reads`,
/// `writes`.
Generator transactions(const WorkloadConfig& config, std::string_view stream,
                       std::string_view write);
std::vector<OptionSpec> transaction_options();

}  // namespace sunder
