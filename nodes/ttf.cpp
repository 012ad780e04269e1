// Operational transformation among equals: deleted elements stay as tombstones, and so every order
// of integration gives the same text.
//
// Source: Oster, Urso, Molli and Imine, "Tombstone Transformation Functions for Ensuring
// Consistency in Collaborative Editing Systems", CollaborateCom 2006; integration by SOCT2
// (Suleiman, Cart and Ferrie, GROUP 1997); causal delivery by vector clocks (Fidge, Mattern). Other
// than there, links lose: operations are logged before they are told of, and exchanged by digests.
// Claim: strong-list (Attiya and others, PODC 2016): cells are never taken out, and all sites agree
// on their order, so that the cells in the end, those of deleted elements too, are an order that
// every document agrees with.
// Fault model: crashes with recovery, loss, delay, doubling and reordering, partitions, pauses, any
// clocks; sessions stay at their site.
// Gives up: all else but convergence in the end. A delete of an element that the site does not show
// is refused. Tombstones, histories and logs grow for ever.
// On disk: a log of keys and operations in the order in which they were carried out, as zigzag
// varints (put_operation). On the wire: nodes/text/messages.h with clients, nodes/ttf/messages.h
// between sites.

#include "nodes/text/client.h"
#include "nodes/text/invariants.h"
#include "nodes/ttf/node.h"

namespace sunder {

void add_ttf(Registry<System>& registry) {
  System system;
  system.name = "ttf";
  system.summary = "co-editing by operational transformation with tombstones, without a server";
  system.claim = [](const SystemConfig&) { return std::string("strong-list"); };
  system.verbs = {{"crdt-list", {"insert", "delete", "read", "final-read", "log"}}};
  system.options = ttf::options();
  system.options.push_back(text::sessions_option());
  system.flaws = ttf::flaws();
  system.fault_model =
      "crashes with recovery, loss, reordering, partitions, pauses, any clocks; "
      "sessions stay at their site";
  system.limits = {
      {.lifted = "sessions stay at their site", .set = {"sessions=moving"}},
      {.lifted = "operations are delivered causally", .flaw = "causal-order-not-awaited"}};
  system.messages = MessageCodec::of<text::Request, text::Reply, ttf::Operations, ttf::Digest>();
  system.make_node = [](Runtime& runtime, const SystemConfig& config) -> std::unique_ptr<Node> {
    return std::make_unique<ttf::TtfNode>(runtime, ttf::config_from(config));
  };
  system.make_client = [](Channel& channel, const SystemConfig& config) -> std::unique_ptr<Client> {
    bool pinned = config.options.text("sessions") == "pinned";
    return std::make_unique<text::TextClient>(channel, pinned);
  };
  system.make_invariants = [] { return std::make_unique<text::TextInvariants>(); };
  registry.add(std::move(system));
}

}  // namespace sunder
