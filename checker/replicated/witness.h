#pragma once
// Whether what replies say they saw is possible at all, and as much as is demanded.

#include "checker/replicated/updates.h"

namespace sunder::replicated {

/// Finds what is wrong with the witness, whatever the answers:
/// - future-update: an update was seen before it was invoked, or a replica's update sees its later
///   ones; cyclic-visibility: updates saw each other;
/// - read-your-writes, monotonic-reads: within a session (a process), and replica-rollback: a
///   replica saw less than it had seen before, both where `sessions` is demanded; so is
///   forgotten-read: a write that says what it replaces leaves out what its session had seen;
/// - causality: an update was seen without what it had seen, where `causal` is demanded;
/// - not-converged: a final read lacks an acknowledged update;
/// - duplicate-stamp: two writes have one stamp, so that neither is the last;
/// - arbitration-against-visibility: a stamp does not exceed one that its write saw, where
///   causal arbitration is demanded.
void check_witness(const Object& object, const Updates& updates, const Demands& demands,
                   Findings& findings);

}  // namespace sunder::replicated
