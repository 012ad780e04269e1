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
      nodes_(static_cast<std::size_t>(test.nodes)) {
  links_.reserve(nodes_ * nodes_);
  for (std::size_t i = 0; i < nodes_ * nodes_; ++i) {
    links_.push_back(LinkState{base_, Rng(kernel_.seed, Stream::of("link", i)),
                               Rng(kernel_.seed, Stream::of("link probe", i)), at_start, {}});
  }
  Rng unused(kernel_.seed, Stream{});
  clients_.assign(static_cast<std::size_t>(test.concurrency), ClientLinks{-1, unused, unused});
}

void SimNetwork::open_client(Process process) {
  auto index = static_cast<std::uint64_t>(process.id);
  client(NodeId::client(process.id)) =
      ClientLinks{process.id, Rng(kernel_.seed, Stream::of("client to node", index)),
                  Rng(kernel_.seed, Stream::of("node to client", index))};
}

void SimNetwork::send(NodeId source, NodeId target, Message message) {
  if (!source.is_node() || !target.is_node()) {
    return send_to_or_from_client(source, target, std::move(message));
  }
  auto from = static_cast<std::size_t>(source.index);
  auto to = static_cast<std::size_t>(target.index);
  ASSERT(to < nodes_);
  if (from == to) {
    return launch(Packet{source, target, std::move(message)}, Fate{1, {loopback_delay}}, {});
  }
  carry(link(from, to), Packet{source, target, std::move(message)});
}

void SimNetwork::carry(LinkState& state, Packet packet) {
  if (state.model.hold) {
    state.held.push_back(std::move(packet));
    return;
  }
  Fate fate = decide_fate(state.model, state.rng);
  if (fate.copies == 0) return;
  Duration wait{0};
  if (state.model.rate > 0) {
    wait = wait_for_line(state, packet.message);
    if (wait > line_buffer) return;
  }
  launch(std::move(packet), fate, wait);
}

void SimNetwork::send_to_or_from_client(NodeId source, NodeId target, Message message) {
  const NodeId& id = source.is_node() ? target : source;
  ClientLinks& links = client(id);
  if (links.process != id.index || client_cut(source, target)) return;
  Fate fate = decide_fate(base_, source.is_node() ? links.inbound : links.outbound);
  if (fate.copies > 0) launch(Packet{source, target, std::move(message)}, fate, Duration{0});
}

// A client sits beside its home node: what its home cannot reach, it cannot reach either.
bool SimNetwork::client_cut(NodeId source, NodeId target) const {
  if (!cut_clients_) return false;
  auto home = [&](NodeId id) {
    return static_cast<std::size_t>(id.index) % nodes_;  // of a node: the node itself
  };
  std::size_t from = home(source);
  std::size_t to = home(target);
  return from != to && link(from, to).model.blocked;
}

void SimNetwork::launch(Packet packet, const Fate& fate, Duration wait) {
  if (fate.copies == 2) {
    kernel_.push(wait + fate.delays[1], EventKind::packet, 0, packets_.put(packet));
  }
  kernel_.push(wait + fate.delays[0], EventKind::packet, 0, packets_.put(std::move(packet)));
}

Duration SimNetwork::wait_for_line(LinkState& state, const Message& message) {
  auto size = static_cast<std::int64_t>(message.bytes().size() + packet_overhead);
  Duration busy{size * 1'000'000'000 / state.model.rate};
  Instant begin = std::max(kernel_.now, state.free_at);
  if (begin + busy - kernel_.now > line_buffer) return begin + busy - kernel_.now;
  state.free_at = begin + busy;
  return state.free_at - kernel_.now;
}

std::optional<Envelope> SimNetwork::arrive(std::uint32_t slot) {
  Packet packet = packets_.take(slot);
  if (packet.source.is_node() && packet.target.is_node()) {
    auto from = static_cast<std::size_t>(packet.source.index);
    auto to = static_cast<std::size_t>(packet.target.index);
    if (link(from, to).model.blocked) return {};
  } else if (client_cut(packet.source, packet.target)) {
    return {};
  }
  ++delivered_;
  kernel_.digest.add(types_.of(packet.message.type()));
  return Envelope{packet.source, packet.target, std::move(packet.message)};
}

void SimNetwork::impose(const std::string& name, const std::vector<Link>& links,
                        const LinkModel& model) {
  std::erase_if(rules_, [&](const Rule& rule) { return rule.name == name; });
  Rule rule{name, std::vector<bool>(links_.size()), model};
  for (const Link& link : links) {
    ASSERT(link.source.is_node() && link.target.is_node());
    auto from = static_cast<std::size_t>(link.source.index);
    auto to = static_cast<std::size_t>(link.target.index);
    if (from != to) rule.covers[from * nodes_ + to] = true;
  }
  rules_.push_back(std::move(rule));
  recompute();
}

void SimNetwork::lift(const std::string& name) {
  std::erase_if(rules_, [&](const Rule& rule) { return rule.name == name; });
  recompute();
}

void SimNetwork::recompute() {
  for (std::size_t i = 0; i < links_.size(); ++i) recompute(links_[i], i);
}

void SimNetwork::recompute(LinkState& state, std::size_t index) {
  LinkModel model = base_;
  bool blocked = base_.blocked;
  bool hold = base_.hold;
  for (const Rule& rule : rules_) {
    if (!rule.covers[index]) continue;
    blocked = blocked || rule.model.blocked;
    hold = hold || rule.model.hold;
    if (!rule.model.blocked && !rule.model.hold) model = rule.model;
  }
  model.blocked = blocked;
  model.hold = hold;
  if (model.rate != state.model.rate) state.free_at = kernel_.now;
  state.model = model;
  if (hold) return;
  std::vector<Packet> held = std::move(state.held);
  state.held.clear();
  for (Packet& packet : held) carry(state, std::move(packet));
}

void SimNetwork::send_probe(std::size_t source, std::size_t target, std::uint64_t tag) {
  LinkState& state = link(source, target);
  if (state.model.hold) return;
  Fate fate = decide_fate(state.model, state.probe_rng);
  Duration wait = state.model.rate > 0 && state.free_at > kernel_.now
                      ? state.free_at - kernel_.now
                      : Duration{0};
  for (std::size_t i = 0; i < fate.copies; ++i) {
    kernel_.push(wait + fate.delays[i], EventKind::probe, 0,
                 probes_.put(Probe{source, target, tag}));
  }
}

std::optional<SimNetwork::Probe> SimNetwork::probe_arrives(std::uint32_t slot) {
  Probe probe = probes_.take(slot);
  if (link(probe.source, probe.target).model.blocked) return {};
  return probe;
}

void SimNetwork::add_draws(Digest& digest) const {
  for (const LinkState& state : links_) digest.add(state.rng.draws());
  for (const ClientLinks& links : clients_) {
    digest.add(links.outbound.draws());
    digest.add(links.inbound.draws());
  }
}

}  // namespace sunder
