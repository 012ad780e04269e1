#include <algorithm>

#include "nodes/lattice/client.h"
#include "nodes/lattice/config.h"
#include "nodes/lattice/invariants.h"
#include "nodes/lattice/node.h"

namespace sunder::lattice {

std::vector<OptionSpec> common_options() {
  return {{"gossip-interval", OptionSpec::Kind::duration, "50ms",
           "between a replica's digests, each to one other"},
          {"push", OptionSpec::Kind::boolean, "true",
           "send each update to all at once; otherwise digests alone spread it"},
          {"clients", OptionSpec::Kind::choice, "pinned",
           "whether a session asks always its own replica, or any for each operation",
           {"pinned", "moving"}},
          {"compact-every", OptionSpec::Kind::integer, "500", "records between snapshots"}};
}

Config with_options(Config config, const Options& options) {
  config.interval =
      std::max<Duration>(options.duration("gossip-interval"), std::chrono::milliseconds(1));
  config.push = options.boolean("push");
  config.compact_every = std::max<std::int64_t>(options.integer("compact-every"), 1);
  return config;
}

bool pinned(const Options& options) { return options.text("clients") == "pinned"; }

void use_objects(System& system, MakeConfig config) {
  system.messages = MessageCodec::of<Request, Reply, Parts, Digest>();
  system.make_node = [config](Runtime& runtime,
                              const SystemConfig& wanted) -> std::unique_ptr<Node> {
    return std::make_unique<ReplicaNode>(runtime, config(wanted));
  };
  system.make_client = [config](Channel& channel,
                                const SystemConfig& wanted) -> std::unique_ptr<Client> {
    return std::make_unique<ObjectClient>(
        channel, ClientConfig{.datatype = wanted.datatype,
                              .pinned = pinned(wanted.options),
                              .forgets_context = config(wanted).flaws.context_forgotten});
  };
  system.make_invariants = [] { return std::make_unique<ObjectInvariants>(); };
}

}  // namespace sunder::lattice
