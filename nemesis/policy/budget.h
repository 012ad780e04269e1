#pragma once
// Faults within the run's budget: whom a fault may strike beside all that is broken already.

#include <functional>
#include <string>
#include <vector>

#include "harness/api/nemesis.h"
#include "nemesis/policy/targets.h"

namespace sunder {

inline constexpr const char* over_budget =
    "more would be broken at a time than the run's budget allows";

/// The targets, or what the budget makes of them; they are booked. Empty: none may be struck now.
std::vector<NodeId> afford(FaultScene& scene, const std::string& fault,
                           const std::vector<NodeId>& targets, const NodeReports& reports);
/// Running nodes as the intention means them and the budget affords them; empty when there are none
/// to strike now, and then `complete` has been told why.
std::vector<NodeId> choose_affordable(FaultScene& scene, const std::string& fault,
                                      const std::string& intention, const NodeReports& reports,
                                      const std::function<void(Outcome)>& complete);
/// All of the targets, or none.
bool afford_all(FaultScene& scene, const std::string& fault, const std::vector<NodeId>& targets);
bool afford_links(FaultScene& scene, const std::string& fault, const std::vector<Link>& links);
/// What was booked is mended.
void release(FaultScene& scene, const std::string& fault);
/// `complete`, after the release. The scene must outlive the call.
std::function<void(Outcome)> releasing(FaultScene& scene, const std::string& fault,
                                       std::function<void(Outcome)> complete);

/// Lifts a fault's rule for links, which bears the fault's name, releases what was booked for it
/// and goes on with `then`; completes with the error when it cannot be lifted.
void lift_rule(FaultScene& scene, const std::string& fault, std::function<void(Outcome)> complete,
               std::function<void()> then);

}  // namespace sunder
