#include "nodes/register/replica/system.h"

#include "nodes/register/replica/invariants.h"

namespace sunder::registers {

std::vector<OptionSpec> replica_options() {
  return {{"gossip-interval", OptionSpec::Kind::duration, "50ms",
           "between a replica's digests, each to one other"},
          {"push", OptionSpec::Kind::boolean, "true",
           "send each write to all at once; otherwise digests alone spread it"},
          {"patience", OptionSpec::Kind::duration, "1s",
           "how long a request waits for what its session has seen before it is refused"},
          {"compact-every", OptionSpec::Kind::integer, "500", "writes between snapshots"}};
}

OptionSpec sessions_option() {
  return {"sessions", OptionSpec::Kind::choice, "moving",
          "whether a session asks any replica for each operation, or always its own",
          {"moving", "pinned"}};
}

ReplicaConfig with_options(ReplicaConfig config, const Options& options) {
  auto at_least = [&](std::string_view name, Duration least) {
    return std::max<Duration>(options.duration(name), least);
  };
  config.interval = at_least("gossip-interval", std::chrono::milliseconds(1));
  config.push = options.boolean("push");
  config.patience = at_least("patience", std::chrono::milliseconds(1));
  config.compact_every = std::max<std::int64_t>(options.integer("compact-every"), 1);
  return config;
}

void use_replicas(System& system, MakeReplica replica, MakeSession session) {
  system.verbs = {{"register", {"read", "write"}}};
  system.messages = MessageCodec::of<Request, Reply, Writes, ReplicaDigest>();
  system.make_node = [replica](Runtime& runtime,
                               const SystemConfig& config) -> std::unique_ptr<Node> {
    return std::make_unique<ReplicaNode>(runtime, replica(config));
  };
  system.make_client = [session](Channel& channel,
                                 const SystemConfig& config) -> std::unique_ptr<Client> {
    return std::make_unique<RegisterClient>(channel, session(config));
  };
  system.make_invariants = [] { return std::make_unique<ReplicaInvariants>(); };
}

}  // namespace sunder::registers
