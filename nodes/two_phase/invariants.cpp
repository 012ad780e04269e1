#include "nodes/two_phase/invariants.h"

#include <algorithm>
#include <utility>

namespace sunder::two_phase {

using txn::number;

std::optional<BrokenInvariant> TwoPhaseInvariants::observe(NodeId node, Instant time,
                                                           const Event& event) {
  if (event.kind == "stamp") return on_stamp(node, event);
  if (event.kind == "applied" || event.kind == "rolled-back") return on_ended(node, event);
  // What the node applied may be gone, with the decision that it was told without a barrier when
  // both are its own. What it still has it does not end again.
  if (event.kind == "boot") {
    std::erase_if(applied_, [node](const auto& entry) { return entry.second == node; });
  }
  return transactions_.observe(node, time, event);
}

TwoPhaseInvariants::Broken TwoPhaseInvariants::on_stamp(NodeId node, const Event& event) {
  std::int64_t time = number(event, "at");
  std::int64_t before = std::exchange(newest_, std::max(newest_, time));
  if (time > before) return {};
  return BrokenInvariant{"growing timestamps: " + to_string(node) + " handed out " +
                             std::to_string(time) + " after " + std::to_string(before),
                         {}};
}

TwoPhaseInvariants::Broken TwoPhaseInvariants::on_ended(NodeId node, const Event& event) {
  std::int64_t txn = number(event, "txn");
  bool applies = event.kind == "applied";
  auto other = applied_.find(txn);
  if (!applies && other != applied_.end() && other->second != node) {
    return unlike(node, txn, applies, to_string(other->second) + " had applied its own");
  }
  if (applies) applied_.try_emplace(txn, node);
  bool committed = transactions_.graph().committed(txn);
  if (applies == committed) return {};
  return unlike(node, txn, applies,
                committed ? "its coordinator had committed it" : "it was never committed");
}

TwoPhaseInvariants::Broken TwoPhaseInvariants::unlike(NodeId node, std::int64_t txn, bool applies,
                                                      const std::string& others) const {
  std::int64_t op = transactions_.graph().op_of(txn);
  std::string does = to_string(node) + (applies ? " applied" : " rolled back") + " its part";
  return BrokenInvariant{
      "atomic commitment: " + does + " of op " + std::to_string(op) + ", and " + others,
      {{op, does}}};
}

}  // namespace sunder::two_phase
