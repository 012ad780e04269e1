#pragma once
// The simulated packet network: one link model for each direction between two nodes, bent by named
// rules; clients reach nodes over links with the base model.

#include <optional>
#include <string>
#include <vector>

#include "harness/api/cluster.h"
#include "harness/api/test.h"
#include "harness/core/codec.h"
#include "harness/core/link_rules.h"
#include "harness/sim/kernel.h"

namespace sunder {

class SimNetwork {
 public:
  SimNetwork(Kernel& kernel, const Test& test);

  void send(NodeId source, NodeId target, Message message);
  /// The packet of an event, unless its link is cut by now: a cut also takes what is on its way.
  std::optional<Envelope> arrive(std::uint32_t slot);

  void impose(const std::string& name, const std::vector<Link>& links, const LinkModel& model);
  void lift(const std::string& name);
  std::vector<LinkRule> rules() const { return rules_.in_force(); }

  struct Probe {
    std::size_t source = 0;
    std::size_t target = 0;
    std::uint64_t tag = 0;
    int sequence = 0;
    std::size_t size = 0;  // of its content, in bytes
    Instant sent{};
    bool corrupt = false;
  };
  /// Sends a tagged probe packet. Probes have draws, and a line, of their own, so that looking
  /// changes nothing.
  void send_probe(Probe probe);
  /// The probe of an event, unless its link is cut by now. A corrupt one is shown, too.
  std::optional<Probe> probe_arrives(std::uint32_t slot);

  /// Whether something that a client sends a node, or a node clients, would arrive just now. What
  /// a rule takes is counted.
  bool passes_client_link(NodeId source, NodeId target);
  const LinkTolls& tolls() const { return tolls_; }

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
    std::int64_t rate = 0;
    Instant free_at{};               // of the sender's line, when the rate is limited
    Instant probes_free_at{};
    std::vector<Packet> held{};      // while the link holds
    std::vector<Probe> held_probes{};
  };
  struct ClientLinks {
    std::int32_t process = -1;
    LinkLane outbound;
    LinkLane inbound;
  };

  std::size_t link(std::size_t source, std::size_t target) const {
    return source * nodes_ + target;
  }
  ClientLinks& client(NodeId id) {
    return clients_[static_cast<std::size_t>(id.index) % clients_.size()];
  }
  bool client_cut(NodeId source, NodeId target);
  void send_to_or_from_client(NodeId source, NodeId target, Message message);
  void carry(std::size_t link, Packet packet);
  void launch(Packet packet, const Fate& fate, Duration wait);
  /// How long a packet is under way through the sender's line; over line_buffer it does not fit.
  Duration wait_for_line(std::size_t link, std::size_t size, Instant& free_at) const;
  void rules_changed();

  Kernel& kernel_;
  const LinkModel base_;
  const bool cut_clients_;
  const std::size_t nodes_;
  std::vector<LinkState> links_;  // source * nodes_ + target
  std::vector<ClientLinks> clients_;
  LinkRules rules_;
  Slab<Packet> packets_;
  Slab<Probe> probes_;
  LiteralHashes types_;
  std::uint64_t delivered_ = 0;
  LinkTolls tolls_;
};

}  // namespace sunder
