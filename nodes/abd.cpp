// A multi-writer register on majorities, without consensus.
//
// Source: Attiya, Bar-Noy, Dolev, "Sharing Memory Robustly in Message-Passing Systems", JACM 42(1),
// 1995, for one writer; many writers, in two phases, as by Lynch and Shvartsman, "Robust Emulation
// of Shared Memory Using Dynamic Quorum-Acknowledged Broadcasts", FTCS 1997.
// Claim: linearizable reads and writes.
// Fault model: crashes with recovery, loss, delay, doubling and reordering between nodes, pauses,
// any clocks; progress while a majority is up and connected.
// Gives up: read-modify-write (no cas: that needs consensus), a read's single round trip when
// replicas differ, changes of membership, and a side without a majority does not serve at all.
// On disk: "boot" -> the number of boots; nodes/register/key_store.h with tag number, node, boot
// and value as the record; all as zigzag varints.
// On the wire: nodes/register/messages.h with clients, nodes/abd/messages.h between nodes.

#include "nodes/abd/invariants.h"
#include "nodes/abd/node.h"
#include "nodes/register/client.h"

namespace sunder {

void add_abd(Registry<System>& registry) {
  System system;
  system.name = "abd";
  system.summary = "registers on majorities: tags above a quorum's maximum, reads that write back";
  system.claim = [](const SystemConfig&) { return std::string("linearizable"); };
  system.verbs = {{"register", {"read", "write"}}};
  system.options = abd::options();
  system.flaws = abd::flaws();
  system.fault_model =
      "crashes with recovery, pauses, loss, delay, doubling and reordering, any clocks; progress "
      "with a connected majority";
  system.limits = {
      {.lifted = "replicas remember what they acknowledged", .flaw = "ack-before-sync"},
      {.lifted = "quorums intersect", .flaw = "notes-active-replicas-only"}};
  system.messages = MessageCodec::of<registers::Request, registers::Reply, abd::Query,
                                     abd::QueryReply, abd::Store, abd::StoreReply>();
  system.make_node = [](Runtime& runtime, const SystemConfig& config) -> std::unique_ptr<Node> {
    return std::make_unique<abd::AbdNode>(runtime, abd::config_from(config));
  };
  system.make_client = [](Channel& channel, const SystemConfig& config) -> std::unique_ptr<Client> {
    abd::Config own = abd::config_from(config);
    return std::make_unique<registers::RegisterClient>(
        channel, registers::ClientConfig{.give_up_after = own.give_up + own.retransmit,
                                         .pinned = own.pinned});
  };
  system.make_invariants = [] { return std::make_unique<abd::AbdInvariants>(); };
  registry.add(std::move(system));
}

}  // namespace sunder
