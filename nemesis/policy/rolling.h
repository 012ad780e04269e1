#pragma once
// Restarting nodes in turn: each ends, is started again and waited for before it is the next one's
// turn.

#include <functional>
#include <string>
#include <vector>

#include "harness/api/nemesis.h"
#include "nemesis/policy/acts.h"

namespace sunder {

struct Rolling {
  std::string fault;          // that books nodes of the run's budget while they are down
  std::vector<NodeId> nodes;  // in this order
  bool gently = true;         // SIGTERM, else SIGKILL
  int patience = 1;           // surveys until a node has ended, and until it is ready
  ActOn while_down{};         // done to each before it is started; may be empty
};

/// What went wrong on the way.
struct Rolled {
  List never_ended;
  List never_ready;
  std::vector<std::string> errors;
};
void add_to(Map& evidence, const Rolled& rolled);

/// The scene must outlive the call.
void roll(FaultScene& scene, Rolling rolling, std::function<void(const Rolled&)> done);

/// REQUIRES: there is one of that node.
const NodeReport& report_of(const Reports& reports, NodeId node);

}  // namespace sunder
