#pragma once
// The simulated packet network: one link model for each direction between two nodes, bent by named
// rules; clients reach nodes over links with the base model.

#include <optional>
#include <string>
#include <vector>

#include "harness/api/test.h"
#include "harness/core/codec.h"
#include "harness/core/link.h"
#include "harness/sim/kernel.h"

namespace sunder {

class SimNetwork {
 public:
  SimNetwork(Kernel& kernel, const Test& test);

  void send(NodeId source, NodeId target, Message message);
  /// The packet of an event, unless its link is cut by now: a cut also takes what is on its way.
  std::optional<Envelope> arrive(std::uint32_t slot);

  /// A later rule's model replaces an earlier one's; a link is blocked, or holds, while any rule
  /// says so. Imposing a name again replaces that rule.
  void impose(const std::string& name, const std::vector<Link>& links, const LinkModel& model);
  void lift(const std::string& name);

  /// Sends a tagged probe packet. Probes have draws of their own, so that looking changes nothing.
  void send_probe(std::size_t source, std::size_t target, std::uint64_t tag);
  struct Probe {
    std::size_t source = 0;
    std::size_t target = 0;
    std::uint64_t tag = 0;
  };
  std::optional<Probe> probe_arrives(std::uint32_t slot);

  /// Client links belong to a process from now on; packets of the seat's former process are lost.
  void open_client(Process process);

  std::uint64_t delivered() const { return delivered_; }
  void add_draws(Digest& digest) const;

 private:
  struct Packet {
    NodeId source;
    NodeId target;
    Message message;
  };
  struct LinkState {
    LinkModel model;
    Rng rng;
    Rng probe_rng;
    Instant free_at;           // of the sender's line, when the rate is limited
    std::vector<Packet> held;  // while the model holds
  };
  struct ClientLinks {
    std::int32_t process = -1;
    Rng outbound;
    Rng inbound;
  };
  struct Rule {
    std::string name;
    std::vector<bool> covers;  // by link
    LinkModel model;
  };

  LinkState& link(std::size_t source, std::size_t target) {
    return links_[source * nodes_ + target];
  }
  const LinkState& link(std::size_t source, std::size_t target) const {
    return links_[source * nodes_ + target];
  }
  ClientLinks& client(NodeId id) {
    return clients_[static_cast<std::size_t>(id.index) % clients_.size()];
  }
  bool client_cut(NodeId source, NodeId target) const;
  void send_to_or_from_client(NodeId source, NodeId target, Message message);
  void carry(LinkState& state, Packet packet);
  void launch(Packet packet, const Fate& fate, Duration wait);
  Duration wait_for_line(LinkState& state, const Message& message);
  void recompute();
  void recompute(LinkState& state, std::size_t index);

  Kernel& kernel_;
  const LinkModel base_;
  const bool cut_clients_;
  const std::size_t nodes_;
  std::vector<LinkState> links_;  // source * nodes_ + target
  std::vector<ClientLinks> clients_;
  std::vector<Rule> rules_;  // in the order imposed
  Slab<Packet> packets_;
  Slab<Probe> probes_;
  LiteralHashes types_;
  std::uint64_t delivered_ = 0;
};

}  // namespace sunder
