// Operational transformation with a server: every site edits at once, and one server orders.
//
// Source: Nichols, Curtis, Dixon and Lamping, "High-Latency, Low-Bandwidth Windowing in the Jupiter
// Collaboration System", UIST 1995; the many-client form as in Wei, Huang and Lu, "Specification
// and Implementation of Replicated List: The Jupiter Protocol Revisited", OPODIS 2018. Other than
// there, links lose and reorder: operations are numbered, journalled before they are told of, and
// sent again when a digest shows that they are missing.
// Claim: weak-list (Attiya and others, PODC 2016; proved of Jupiter by Wei and others): any two
// documents agree on the order of the elements they share, and equal updates give equal documents.
// It is not strong-list: with the element between two others gone, these may change places.
// Fault model: crashes with recovery, of the server too, loss, delay, doubling and reordering,
// partitions, pauses, any clocks; sessions stay at their site.
// Gives up: without the server (the first node; there is no other) every site goes on editing, but
// none sees another's edits; all else but convergence in the end. A delete of an element that the
// site does not show is refused. Journals grow for ever.
// On disk: nodes/jupiter/journal.h. On the wire: nodes/text/messages.h with clients,
// nodes/jupiter/messages.h between the server and a site.

#include "nodes/jupiter/node.h"
#include "nodes/text/client.h"
#include "nodes/text/invariants.h"

namespace sunder {

void add_jupiter(Registry<System>& registry) {
  System system;
  system.name = "jupiter";
  system.summary = "co-editing by operational transformation, ordered by one server";
  system.claim = [](const SystemConfig&) { return std::string("weak-list"); };
  system.verbs = {{"crdt-list", {"insert", "delete", "read", "final-read", "log"}}};
  system.options = jupiter::options();
  system.options.push_back(text::sessions_option());
  system.flaws = jupiter::flaws();
  system.fault_model =
      "crashes with recovery, loss, reordering, partitions, pauses, any clocks; "
      "sessions stay at their site";
  system.settings = {{"batch=true"}};
  system.limits = {{.lifted = "", .claim = "strong-list"},
                   {.lifted = "sessions stay at their site", .set = {"sessions=moving"}}};
  system.messages =
      MessageCodec::of<text::Request, text::Reply, jupiter::Operations, jupiter::Digest>();
  system.make_node = [](Runtime& runtime, const SystemConfig& config) -> std::unique_ptr<Node> {
    return std::make_unique<jupiter::JupiterNode>(runtime, jupiter::config_from(config));
  };
  system.make_client = [](Channel& channel, const SystemConfig& config) -> std::unique_ptr<Client> {
    bool pinned = config.options.text("sessions") == "pinned";
    return std::make_unique<text::TextClient>(channel, pinned);
  };
  system.make_invariants = [] { return std::make_unique<text::TextInvariants>(); };
  registry.add(std::move(system));
}

}  // namespace sunder
