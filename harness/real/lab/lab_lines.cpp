// How the lab tries connections and single ports, and clients' way to the nodes.

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "harness/real/lab/lab_cluster.h"

namespace sunder {
namespace {

namespace asio = boost::asio;

constexpr Duration line_wait = std::chrono::milliseconds(150);     // beside the links' own delay
constexpr Duration client_wait = std::chrono::milliseconds(400);  // for an answer to a client

LineState state_named(std::string_view name) {
  for (LineState state : {LineState::open, LineState::refused, LineState::reset}) {
    if (to_string(state) == name) return state;
  }
  return LineState::silent;
}

/// The states of one node's lines, as its agent lists them: a node's number, a state, and so on.
void add_states(const Value& reply, NodeId source, Lines& lines) {
  const Value* states = reply.find("states");
  if (states == nullptr || !states->is_list()) return;
  const List& flat = states->list();
  for (std::size_t i = 0; i + 1 < flat.size(); i += 2) {
    if (!flat[i].is_integer() || !flat[i + 1].is_text()) continue;
    NodeId target = NodeId::node(static_cast<std::int32_t>(flat[i].integer()) - 1);
    auto line = lines.find({source, target});
    if (line != lines.end()) line->second = state_named(flat[i + 1].text());
  }
}

}  // namespace

struct LabCluster::Trial {
  std::map<NodeId, LineState> found;
  std::size_t awaited = 0;
  std::function<void(std::map<NodeId, LineState>)> done;
  void one_ended(NodeId node, LineState state) {
    found[node] = state;
    if (--awaited == 0) done(std::move(found));
  }
};

void LabCluster::probe_clients(std::function<void(std::map<NodeId, LineState>)> done) {
  auto trial = std::make_shared<Trial>();
  trial->awaited = nodes_.size();
  trial->done = std::move(done);
  for (NodeId node : nodes_) {
    auto address = asio::ip::make_address(parts_.addresses[static_cast<std::size_t>(node.index)]);
    auto socket = std::make_shared<asio::ip::tcp::socket>(parts_.io);
    auto limit = std::make_shared<asio::steady_timer>(parts_.io, client_wait);
    limit->async_wait([socket](boost::system::error_code cancelled) {
      boost::system::error_code ignored;
      if (!cancelled) socket->close(ignored);
    });
    socket->async_connect({address, parts_.client_port},
                          [trial, node, socket, limit](boost::system::error_code error) {
                            limit->cancel();
                            LineState state = LineState::silent;
                            if (!error && socket->is_open()) state = LineState::open;
                            if (error == asio::error::connection_refused) {
                              state = LineState::refused;
                            }
                            trial->one_ended(node, state);
                          });
  }
}

void LabCluster::read_tolls(std::function<void(Result<LinkTolls>)> done) {
  parts_.network.read_tolls(std::move(done));
}

struct LabCluster::Dialling {
  std::string owner;
  Lines lines;
  std::size_t awaited = 0;  // agents that have not answered yet
  std::string error;
  std::function<void(Result<Lines>)> done;
};

/// Asks every agent, and goes on once all have answered.
void LabCluster::ask_of_lines(const std::shared_ptr<Dialling>& dialling, std::string_view act,
                              const std::function<void()>& then) {
  dialling->awaited = nodes_.size();
  for (NodeId node : nodes_) {
    List targets;
    for (NodeId target : nodes_) {
      if (target != node) targets.emplace_back(std::int64_t{target.index} + 1);
    }
    Map request;
    request["do"] = act;
    request["owner"] = dialling->owner;
    request["targets"] = std::move(targets);
    agent(node).ask(std::move(request), agent_limit,
                    [dialling, node, then](const Result<Value>& reply) {
                      if (reply) add_states(*reply, node, dialling->lines);
                      if (!reply) dialling->error = reply.error().context;
                      if (--dialling->awaited > 0) return;
                      if (dialling->error.empty()) return then();
                      dialling->done(Error{Error::Code::refused, dialling->error});
                    });
  }
}

std::shared_ptr<LabCluster::Dialling> LabCluster::dialling(
    std::string owner, std::function<void(Result<Lines>)> done) const {
  auto fresh = std::make_shared<Dialling>();
  fresh->owner = std::move(owner);
  fresh->done = std::move(done);
  for (NodeId source : nodes_) {
    for (NodeId target : nodes_) {
      if (source != target) fresh->lines[{source, target}] = LineState::silent;
    }
  }
  return fresh;
}

void LabCluster::dial_links(std::string owner, std::function<void(Result<Lines>)> done) {
  ask_of_lines(dialling(owner, done), "dial", [this, owner, done] {
    after(line_wait + 2 * slowest_link_, [this, owner, done] { talk_over_links(owner, done); });
  });
}

void LabCluster::talk_over_links(std::string owner, std::function<void(Result<Lines>)> done) {
  auto talk = dialling(std::move(owner), std::move(done));
  ask_of_lines(talk, "talk", [this, talk] {
    after(line_wait + 2 * slowest_link_, [this, talk] {
      ask_of_lines(talk, "lines", [talk] { talk->done(talk->lines); });
    });
  });
}

}  // namespace sunder
