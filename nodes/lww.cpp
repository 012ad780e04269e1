// The last-writer-wins register: each replica keeps, of each key, the write with the latest
// timestamp, and tells the others.
//
// Source: Johnson and Thomas, "The Maintenance of Duplicate Databases", RFC 677, 1975 (timestamps
// and node numbers settle conflicts); anti-entropy as by Demers and others, PODC 1987, section 1.3;
// hybrid clocks by Kulkarni and others, "Logical Physical Clocks", OPODIS 2014.
// Claim: eventual. With hybrid timestamps and pinned sessions also what the option promises:
// read-your-writes, because a write is above all that its replica has seen.
// Fault model: crashes with recovery, loss, delay, doubling and reordering between nodes,
// partitions, pauses. With hybrid timestamps any clocks; with wall clocks none that step: replicas
// still agree under any, but on what was overwritten, which is not eventual consistency.
// Gives up: of concurrent writes all but one are lost, acknowledged or not. With wall clocks a
// write through a slow clock is ignored in favour of one that it was to replace, also of the same
// session, for as long as the skew lasts. No deletes.
// On disk: "boot" -> the number of boots; nodes/register/key_store.h with time, count, node and
// value as the record; all as zigzag varints.
// On the wire: nodes/register/messages.h with clients, nodes/lww/messages.h between replicas.

#include "nodes/lww/invariants.h"
#include "nodes/lww/node.h"
#include "nodes/register/client.h"

namespace sunder {

void add_lww(Registry<System>& registry) {
  System system;
  system.name = "lww";
  system.summary = "the latest timestamp wins, by wall or hybrid clocks; spread by digests";
  system.claim = [](const SystemConfig& wanted) -> std::string {
    lww::Config config = lww::config_from(wanted);
    return config.hybrid && config.pinned ? "read-your-writes" : "eventual";
  };
  system.verbs = {{"register", {"read", "write"}}};
  system.options = lww::options();
  system.flaws = lww::flaws();
  system.fault_model =
      "crashes with recovery, partitions, pauses, loss, delay, doubling, reordering, any clocks: "
      "their skew decides which write is lost; read-your-writes needs hybrid timestamps and a "
      "session that stays";
  system.settings = {{"sessions=moving"}};
  system.limits = {{.lifted = "timestamps are hybrid: clocks may step",
                    .claim = "read-your-writes",
                    .workload = "multi-register",
                    .set = {"timestamps=wall"}},
                   {.lifted = "sessions stay at their server",
                    .claim = "read-your-writes",
                    .workload = "multi-register",
                    .set = {"sessions=moving"}},
                   {.lifted = "wall clocks agree: a later write survives",
                    .claim = "eventual",
                    .workload = "multi-register",
                    .set = {"timestamps=wall"}},
                   {.lifted = "", .claim = "causal", .workload = "multi-register"}};
  system.messages =
      MessageCodec::of<registers::Request, registers::Reply, lww::Entries, lww::Digest>();
  system.make_node = [](Runtime& runtime, const SystemConfig& config) -> std::unique_ptr<Node> {
    return std::make_unique<lww::LwwNode>(runtime, lww::config_from(config));
  };
  system.make_client = [](Channel& channel, const SystemConfig& config) -> std::unique_ptr<Client> {
    return std::make_unique<registers::RegisterClient>(
        channel, registers::ClientConfig{.pinned = lww::config_from(config).pinned});
  };
  system.make_invariants = [] { return std::make_unique<lww::LwwInvariants>(); };
  registry.add(std::move(system));
}

}  // namespace sunder
