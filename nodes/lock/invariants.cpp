#include "nodes/lock/invariants.h"

namespace sunder::lock {

std::optional<BrokenInvariant> LockInvariants::observe(NodeId node, Instant time,
                                                       const Event& event) {
  if (event.kind != "grant") return raft_.observe(node, time, event);
  Grant grant{event.at("index"), event.at("token"), node};
  std::int64_t key = event.at("key");
  auto [at, fresh] = latest_.try_emplace(key, grant);
  Grant& latest = at->second;
  if (fresh || grant.index < latest.index) return {};
  bool same = grant.index == latest.index;
  bool fine = same ? grant.token == latest.token : grant.token > latest.token;
  std::string former = std::to_string(latest.token) + " at index " + std::to_string(latest.index) +
                       " by " + to_string(latest.node);
  if (!same) latest = grant;
  if (fine) return {};
  return BrokenInvariant{"growing tokens: " + to_string(node) + " gave token " +
                         std::to_string(grant.token) + " for lock " + std::to_string(key) +
                         " at index " + std::to_string(grant.index) + ", after token " + former};
}

}  // namespace sunder::lock
