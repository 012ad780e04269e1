#include "harness/sim/network.h"

namespace sunder {
namespace {

constexpr std::size_t packet_overhead = 60;                        // bytes: Ethernet, IP, TCP
constexpr Duration line_buffer = std::chrono::seconds(2);          // a longer queue drops its tail
constexpr Duration loopback_delay = std::chrono::microseconds(5);  // a node to itself

}  // namespace

SimNetwork::SimNetwork(Kernel& kernel, const Test& test)
    : kernel_(kernel),
      base_(test.link),
      cut_clients_(test.cut_clients),
      nodes_(static_cast<std::size_t>(test.nodes)),
      links_(nodes_ * nodes_),
      rules_(nodes_, base_, kernel_.seed) {
  for (LinkState& state : links_) state.rate = base_.rate;
  LinkLane unused{Rng(kernel_.seed, Stream{})};
  clients_.assign(static_cast<std::size_t>(test.concurrency), ClientLinks{-1, unused, unused});
}

void SimNetwork::open_client(Process process) {
  auto index = static_cast<std::uint64_t>(process.id);
  client(NodeId::client(process.id)) =
      ClientLinks{process.id, LinkLane{Rng(kernel_.seed, Stream::of("client to node", index))},
                  LinkLane{Rng(kernel_.seed, Stream::of("node to client", index))}};
}

void SimNetwork::send(NodeId source, NodeId target, Message message) {
  if (!source.is_node() || !target.is_node()) {
    return send_to_or_from_client(source, target, std::move(message));
  }
  auto from = static_cast<std::size_t>(source.index);
  auto to = static_cast<std::size_t>(target.index);
  ASSERT(to < nodes_);
  if (from == to) {
    return launch(Packet{source, target, std::move(message)}, Fate{1, false, {loopback_delay}}, {});
  }
  carry(link(from, to), Packet{source, target, std::move(message)});
}

void SimNetwork::carry(std::size_t link, Packet packet) {
  LinkState& state = links_[link];
  if (rules_.holds(link)) {
    state.held.push_back(std::move(packet));
    return;
  }
  Fate fate = rules_.decide(link, LinkRules::Lane::traffic);
  if (fate.copies == 0 || fate.corrupt) return;  // a checksum catches what is corrupt
  if (rules_.limits_frames(link) &&
      rules_.swallows(link, packet.message.bytes().size() + packet_overhead)) {
    return;
  }
  Duration wait{0};
  if (state.rate > 0) {
    wait = wait_for_line(link, packet.message.bytes().size(), state.free_at);
    if (wait > line_buffer) return;
  }
  launch(std::move(packet), fate, wait);
}

void SimNetwork::send_to_or_from_client(NodeId source, NodeId target, Message message) {
  const NodeId& id = source.is_node() ? target : source;
  ClientLinks& links = client(id);
  if (links.process != id.index || client_cut(source, target)) return;
  Fate fate = decide_fate(base_, source.is_node() ? links.inbound : links.outbound);
  if (fate.copies == 0 || fate.corrupt) return;
  launch(Packet{source, target, std::move(message)}, fate, Duration{0});
}

bool SimNetwork::passes_client_link(NodeId source, NodeId target) {
  if (!rules_.blocked(rules_.number_of({source, target}))) return true;
  ++(source.is_node() ? tolls_[source].replies : tolls_[target].requests);
  return false;
}

// A client sits beside its home node: what its home cannot reach, it cannot reach either.
bool SimNetwork::client_cut(NodeId source, NodeId target) {
  if (!passes_client_link(source, target)) return true;
  if (!cut_clients_) return false;
  auto home = [&](NodeId id) {
    return static_cast<std::size_t>(id.index) % nodes_;  // of a node: the node itself
  };
  std::size_t from = home(source);
  std::size_t to = home(target);
  return from != to && rules_.blocked(link(from, to));
}

void SimNetwork::launch(Packet packet, const Fate& fate, Duration wait) {
  if (fate.copies == 2) {
    kernel_.push(wait + fate.delays[1], EventKind::packet, 0, packets_.put(packet));
  }
  kernel_.push(wait + fate.delays[0], EventKind::packet, 0, packets_.put(std::move(packet)));
}

Duration SimNetwork::wait_for_line(std::size_t link, std::size_t size, Instant& free_at) const {
  auto bytes = static_cast<std::int64_t>(size + packet_overhead);
  Duration busy{bytes * 1'000'000'000 / links_[link].rate};
  Instant begin = std::max(kernel_.now, free_at);
  if (begin + busy - kernel_.now <= line_buffer) free_at = begin + busy;
  return begin + busy - kernel_.now;
}

std::optional<Envelope> SimNetwork::arrive(std::uint32_t slot) {
  Packet packet = packets_.take(slot);
  if (packet.source.is_node() && packet.target.is_node()) {
    auto from = static_cast<std::size_t>(packet.source.index);
    auto to = static_cast<std::size_t>(packet.target.index);
    if (rules_.blocked(link(from, to))) return {};
  } else if (client_cut(packet.source, packet.target)) {
    return {};
  }
  ++delivered_;
  kernel_.digest.add(types_.of(packet.message.type()));
  return Envelope{packet.source, packet.target, std::move(packet.message)};
}

void SimNetwork::impose(const std::string& name, const std::vector<Link>& links,
                        const LinkModel& model) {
  rules_.impose(name, links, model);
  rules_changed();
}

void SimNetwork::lift(const std::string& name) {
  rules_.lift(name);
  rules_changed();
}

void SimNetwork::rules_changed() {
  for (std::size_t i = 0; i < links_.size(); ++i) {
    LinkState& state = links_[i];
    if (rules_.rate(i) != state.rate) state.free_at = state.probes_free_at = kernel_.now;
    state.rate = rules_.rate(i);
    if (rules_.holds(i)) continue;
    std::vector<Packet> held = std::move(state.held);
    state.held.clear();
    for (Packet& packet : held) carry(i, std::move(packet));
    std::vector<Probe> held_probes = std::move(state.held_probes);
    state.held_probes.clear();
    for (const Probe& probe : held_probes) send_probe(probe);
  }
}

void SimNetwork::send_probe(Probe probe) {
  std::size_t at = link(probe.source, probe.target);
  LinkState& state = links_[at];
  if (rules_.holds(at)) return state.held_probes.push_back(probe);
  Fate fate = rules_.decide(at, LinkRules::Lane::probe);
  if (rules_.swallows(at, probe.size + packet_overhead)) return;
  Duration wait{0};
  if (state.rate > 0 && fate.copies > 0) {
    wait = wait_for_line(at, probe.size, state.probes_free_at);
    if (wait > line_buffer) return;
  }
  probe.corrupt = fate.corrupt;
  for (std::size_t i = 0; i < fate.copies; ++i) {
    kernel_.push(wait + fate.delays[i], EventKind::probe, 0, probes_.put(probe));
  }
}

std::optional<SimNetwork::Probe> SimNetwork::probe_arrives(std::uint32_t slot) {
  Probe probe = probes_.take(slot);
  if (rules_.blocked(link(probe.source, probe.target))) return {};
  return probe;
}

void SimNetwork::add_draws(Digest& digest) const {
  for (std::size_t i = 0; i < links_.size(); ++i) digest.add(rules_.base_draws(i));
  if (rules_.rule_draws() > 0) digest.add(rules_.rule_draws());
  for (const ClientLinks& links : clients_) {
    digest.add(links.outbound.rng.draws());
    digest.add(links.inbound.rng.draws());
  }
}

}  // namespace sunder
