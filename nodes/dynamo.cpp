// A replicated store in the manner of Dynamo: quorums of N, R and W, strict or sloppy, read repair,
// hinted handoff, anti-entropy by hash trees.
//
// Source: DeCandia and others, "Dynamo: Amazon's Highly Available Key-value Store", SOSP 2007,
// sections 4.2 to 4.7 and 5; failure detection by Hayashibara, Defago, Yared and Katayama, "The Phi
// Accrual Failure Detector", SRDS 2004, section 4, as in Cassandra (Lakshman and Malik, "Cassandra:
// A Decentralized Structured Storage System", LADIS 2009, section 5.3.1). Values are plain and the
// newest wins, as in Cassandra, where Dynamo returns siblings; the context of Dynamo's put is the
// largest timestamp that the session has seen.
// Claim: regular (MWR1 of Shao, Welch, Pierce and Lee, SIAM J. Comput. 2011) if r + w > n, quorums
// are strict and timestamps are chosen above those of r replicas: a write that ended is on w
// replicas, or a newer one is, which every r replicas meet, so that later writes are above it and
// later reads find it. Nothing asks that w + w > n: writes of one key are ordered by what r
// replicas hold, not by meeting each other. With repair=blocking a read returns only what w
// replicas hold, and the claim is linearizable. In every other configuration: eventual.
// Fault model: crashes with recovery, loss, delay, doubling and reordering between nodes,
// partitions, pauses, any clocks; the set of nodes is fixed. Strict quorums make progress while r
// and w replicas of a key are up and connected, sloppy ones while r and w nodes are.
// Gives up: a read of a strict quorum may be older than the one before it; with sloppy quorums
// acknowledged writes may be out of sight while a partition lasts, and of concurrent writes all but
// one are lost. No read-modify-write, no deletes, no changes of membership.
// On disk: "boot" -> the number of boots; nodes/dynamo/holdings.h.
// On the wire: nodes/register/messages.h with clients, nodes/dynamo/messages.h between nodes.

#include "nodes/dynamo/invariants.h"
#include "nodes/dynamo/node.h"
#include "nodes/register/client.h"

namespace sunder {

void add_dynamo(Registry<System>& registry) {
  System system;
  system.name = "dynamo";
  system.summary = "quorums of n, r and w, strict or sloppy; read repair, hints, hash trees";
  system.claim = [](const SystemConfig& wanted) {
    return dynamo::claim_of(dynamo::config_from(wanted));
  };
  system.verbs = {{"register", {"read", "write"}}};
  system.options = dynamo::options();
  system.flaws = dynamo::flaws();
  system.fault_model =
      "crashes with recovery, loss, delay, doubling, reordering, partitions, pauses, any clocks; "
      "fixed membership";
  system.settings = {{"r=3", "w=1"}, {"repair=blocking"}, {"sloppy=true", "r=1", "w=1"}};
  system.limits = {{.lifted = "", .claim = "linearizable"},
                   {.lifted = "", .claim = "linearizable", .set = {"r=1", "w=3"}},
                   {.lifted = "quorums are strict", .claim = "regular", .set = {"sloppy=true"}},
                   {.lifted = "read and write quorums meet", .claim = "regular", .set = {"r=1"}},
                   {.lifted = "timestamps are above a read quorum's",
                    .claim = "regular",
                    .set = {"timestamps=coordinator"}}};
  system.messages =
      MessageCodec::of<registers::Request, registers::Reply, dynamo::Heartbeat, dynamo::Query,
                       dynamo::QueryReply, dynamo::Store, dynamo::StoreReply, dynamo::Handoff,
                       dynamo::HandoffReply, dynamo::Tree, dynamo::Leaves, dynamo::Entries>();
  system.make_node = [](Runtime& runtime, const SystemConfig& config) -> std::unique_ptr<Node> {
    return std::make_unique<dynamo::DynamoNode>(runtime, dynamo::config_from(config));
  };
  system.make_client = [](Channel& channel, const SystemConfig& config) -> std::unique_ptr<Client> {
    dynamo::Config own = dynamo::config_from(config);
    return std::make_unique<registers::RegisterClient>(
        channel, registers::ClientConfig{.give_up_after = own.give_up + own.retransmit,
                                         .pinned = own.pinned});
  };
  system.make_invariants = [] { return std::make_unique<dynamo::DynamoInvariants>(); };
  registry.add(std::move(system));
}

}  // namespace sunder
