#pragma once
// What the systems made of replicas share in the catalogue.

#include "harness/api/system.h"
#include "nodes/register/client.h"
#include "nodes/register/replica/replica.h"

namespace sunder::registers {

std::vector<OptionSpec> replica_options();
OptionSpec sessions_option();  // "sessions": moving or pinned, where a system allows both
/// The options into a configuration whose rules and flaws are set.
ReplicaConfig with_options(ReplicaConfig config, const Options& options);

using MakeReplica = std::function<ReplicaConfig(const SystemConfig&)>;
using MakeSession = std::function<ClientConfig(const SystemConfig&)>;
/// Verbs, messages, nodes, clients and invariants; the rest of the system is the caller's.
void use_replicas(System& system, MakeReplica replica, MakeSession session);

}  // namespace sunder::registers
