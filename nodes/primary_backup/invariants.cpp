#include "nodes/primary_backup/invariants.h"

namespace sunder::primary_backup {
namespace {

// Traces may be damaged, so that a number may be missing.
std::int64_t number(const Event& event, std::string_view name) {
  for (const Event::Number& entry : event.numbers) {
    if (entry.name == name) return entry.number;
  }
  return 0;
}

}  // namespace

std::optional<BrokenInvariant> PrimaryBackupInvariants::observe(NodeId node, Instant,
                                                                const Event& event) {
  if (event.kind == "primary") return on_primary(node, event);
  if (event.kind == "acknowledged") return on_acknowledged(node, event);
  return {};
}

PrimaryBackupInvariants::Broken PrimaryBackupInvariants::on_primary(NodeId node,
                                                                    const Event& event) {
  std::int64_t view = number(event, "view");
  std::int64_t last = number(event, "last");
  auto [at, fresh] = primaries_.try_emplace(view, Begun{node, last});
  if (!fresh && at->second.node != node) {
    return BrokenInvariant{"one primary: " + to_string(node) + " is primary of view " +
                           std::to_string(view) + ", which has " + to_string(at->second.node)};
  }
  if (newest_.index <= last || newest_.view >= view) return {};
  BrokenInvariant broken{"durability: " + to_string(node) + " begins view " + std::to_string(view) +
                         " with " + std::to_string(last) + " writes, but " +
                         std::to_string(newest_.index) + " were acknowledged in view " +
                         std::to_string(newest_.view)};
  broken.ops.push_back({newest_.op, "unknown to " + to_string(node)});
  return broken;
}

PrimaryBackupInvariants::Broken PrimaryBackupInvariants::on_acknowledged(NodeId node,
                                                                         const Event& event) {
  Acknowledged now{number(event, "index"), number(event, "view"), number(event, "op")};
  if (now.index > newest_.index) newest_ = now;
  // A later primary that had the write was its backup, and had said so before it was promoted.
  for (auto at = primaries_.upper_bound(now.view); at != primaries_.end(); ++at) {
    if (at->second.last >= now.index) continue;
    BrokenInvariant broken{"fencing: " + to_string(node) + " acknowledged write " +
                           std::to_string(now.index) + " in view " + std::to_string(now.view) +
                           ", but " + to_string(at->second.node) + " had begun view " +
                           std::to_string(at->first) + " without it"};
    broken.ops.push_back({now.op, "acknowledged by a deposed primary"});
    return broken;
  }
  return {};
}

}  // namespace sunder::primary_backup
