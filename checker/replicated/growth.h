#pragma once
// What was seen only grows: at a replica, in a session, and until the final reads.

#include "checker/replicated/updates.h"

namespace sunder::replicated {

/// The part of check_witness() that finds replica-rollback, read-your-writes, monotonic-reads,
/// forgotten-read and not-converged, and updates that claim to have seen later ones of their
/// replica (future-update).
void check_growth(const Object& object, const Updates& updates, const Demands& demands,
                  Findings& findings);

}  // namespace sunder::replicated
