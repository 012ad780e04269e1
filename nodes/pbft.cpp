// Byzantine fault tolerance by three phases, views and checkpoints.
//
// Source: Castro and Liskov, "Practical Byzantine Fault Tolerance", OSDI 1999, section 4; and
// "Practical Byzantine Fault Tolerance and Proactive Recovery", ACM TOCS 20(4), 2002 (view changes
// with the sets P and Q, status messages, state transfer). View-change and new-view messages are
// signed, as in OSDI 1999, in place of view-change acknowledgements; requests are signed by
// clients, as Clement et al. ask for (NSDI 2009); all else bears authenticators. Quorums are
// ceil((n + f + 1) / 2), so that n need not be 3f + 1. Twins: Bano et al., OPODIS 2021.
// Claim: linearizable, for clients that believe f + 1 equal replies.
// Fault model: up to f = (n - 1) / 3 replicas are Byzantine: they do anything that can be done with
// their own keys (options liars, lie, twins); the others crash and recover; loss, delay, doubling
// and reordering, partitions, pauses, any clocks. Progress while a quorum of correct replicas is up
// and connected. Clients are correct. The keyed hash is SipHash: no cryptography for an open
// network.
// Gives up: speculation and tentative replies; reads without ordering; changes of membership; the
// table of clients, one entry each, is kept for ever. Who stops trusting a view alone takes no part
// again until the others follow; it goes on learning what they commit.
// On disk: "view" -> view, whether it is active, the new-view message; "checkpoints" -> sequence
// numbers, "state-N" -> clients' last answers and the snapshot of nodes/kv; a log of what was
// accepted (with its batch) and prepared; all as zigzag varints (nodes/pbft/pack.h).
// On the wire: nodes/pbft/messages.h.

#include "nodes/pbft/client.h"
#include "nodes/pbft/faulty/twins.h"
#include "nodes/pbft/invariants.h"

namespace sunder {

void add_pbft(Registry<System>& registry) {
  System system;
  system.name = "pbft";
  system.summary =
      "registers, sets, queues and more, replicated so that f of n replicas may lie about anything";
  system.claim = [](const SystemConfig&) { return std::string("linearizable"); };
  system.verbs = kv_verbs();
  system.options = pbft::options();
  system.flaws = pbft::flaws();
  system.fault_model =
      "f = (n-1)/3 replicas Byzantine with their own keys, crashes with recovery, any network, any "
      "clocks; progress with a connected quorum of correct replicas";
  system.settings = {{"liars=1", "lie=mixed", "faulty=first"},
                     {"liars=1", "twins=1", "lie=equivocate", "faulty=first"}};
  system.limits = {{.lifted = "at most f replicas lie",
                    .set = {"liars=2", "lie=equivocate", "faulty=first"}},
                   {.lifted = "clients wait for f + 1 equal replies",
                    .set = {"liars=1", "lie=wrong-reply"},
                    .flaw = "notes-first-reply-believed"}};
  system.log_patterns = {"a bug of ours"};  // a failed ASSERT
  using namespace pbft;
  system.messages =
      MessageCodec::of<Request, Sealed<PrePrepare>, Sealed<Prepare>, Sealed<Commit>,
                       Sealed<Checkpoint>, Sealed<ViewChange>, Sealed<NewView>,
                       Sealed<pbft::Status>, FetchBatch, BatchBody, FetchState, StateChunk,
                       Sealed<Reply>>();
  system.make_node = [](Runtime& runtime, const SystemConfig& wanted) -> std::unique_ptr<Node> {
    return make_replica(runtime, config_from(wanted));
  };
  system.make_client = [](Channel& channel, const SystemConfig& wanted) -> std::unique_ptr<Client> {
    return std::make_unique<PbftClient>(channel, config_from(wanted), wanted.datatype);
  };
  system.make_invariants = [] { return std::make_unique<PbftInvariants>(); };
  registry.add(std::move(system));
}

}  // namespace sunder
