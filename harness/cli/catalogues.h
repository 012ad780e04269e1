#pragma once
// Everything that can be named on the command line.

#include "harness/api/checker.h"
#include "harness/api/nemesis.h"
#include "harness/api/system.h"
#include "harness/api/workload.h"

namespace sunder {

struct Catalogues {
  Registry<System> systems;
  Registry<Nemesis> nemeses;
  Registry<Workload> workloads;
  Registry<CheckerEntry> checkers;
};
Catalogues all_catalogues();

/// The checkers that judge a claim: those of that consistency and datatype, then those that fit
/// every history. Domain checks decide no claim: a workload names them.
std::vector<const CheckerEntry*> checkers_for(const Catalogues& catalogues,
                                              std::string_view datatype,
                                              std::string_view consistency);

}  // namespace sunder
