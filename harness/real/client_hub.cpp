#include "harness/real/client_hub.h"

#include <map>

#include "harness/core/assert.h"
#include "harness/real/tcp_link.h"
#include "harness/real/wire.h"

namespace sunder {
namespace {

std::int64_t wall_nanoseconds() {
  auto wall = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<Duration>(wall).count();
}

template <class T>
void read_field(const Value& body, std::string_view key, T& field) {
  if (const Value* found = body.find(key)) decode_field(*found, field);
}

}  // namespace

class TcpChannel;

struct ClientHub::Parts {
  struct Question {
    std::function<void(const Result<Value>&)> answered;  // with the answer's body
    std::unique_ptr<asio::steady_timer> limit;
  };
  asio::io_context& io;
  Setup setup;
  std::vector<NodeId> servers;
  std::vector<std::shared_ptr<TcpLink>> links;
  std::map<NodeId, TcpChannel*> channels;
  std::map<std::int64_t, Question> questions;
  std::int64_t last_question = 0;

  Parts(asio::io_context& context, Setup with) : io(context), setup(std::move(with)) {}
  void say_hello(std::size_t server, NodeId client) {
    Map body;
    body["type"] = wire_hello;
    links[server]->send_now(wire_text(client, servers[server], body));
  }
  void ask(NodeId node, std::string_view type, Map body, Duration time_limit,
           std::function<void(const Result<Value>&)> answered);
  void receive(const std::string& text);
  void take_answer(const WireMessage& wire);
};

class TcpChannel final : public Channel {
 public:
  TcpChannel(std::shared_ptr<ClientHub::Parts> parts, Process process)
      : parts_(std::move(parts)), hub_(*parts_), self_(NodeId::client(process.id)),
        home_(hub_.servers[static_cast<std::size_t>(process.id) % hub_.servers.size()]),
        rng_(hub_.setup.seed, Stream::of("client", static_cast<std::uint64_t>(process.id))) {
    hub_.channels[self_] = this;
    for (std::size_t server = 0; server < hub_.servers.size(); ++server) {
      hub_.say_hello(server, self_);
    }
  }
  ~TcpChannel() override { hub_.channels.erase(self_); }

  NodeId self() const override { return self_; }
  std::span<const NodeId> servers() const override { return hub_.servers; }
  NodeId home() const override { return home_; }
  Instant now() const override { return hub_.setup.now(); }
  void send(NodeId target, Message message) override {
    ASSERT(target.is_node());
    auto server = static_cast<std::size_t>(target.index);
    if (server >= hub_.links.size() || !hub_.setup.allowed(home_, target)) return;
    hub_.links[server]->send_now(wire_text(self_, target, message.value()));
  }
  void on_receive(std::function<void(const Envelope&)> handler) override {
    handler_ = std::move(handler);
  }
  Timer start_timer(Duration delay, std::function<void()> fire) override {
    std::uint64_t id = ++last_timer_;
    auto timer = std::make_unique<asio::steady_timer>(hub_.io, delay);
    // The timer belongs to the channel: a channel that is gone has cancelled it, but its completion
    // may be queued already, so the channel is looked up by its name and the timer by its id.
    timer->async_wait([&hub = hub_, self = self_, id, fire = std::move(fire)](
                          boost::system::error_code cancelled) {
      if (cancelled) return;
      auto channel = hub.channels.find(self);
      if (channel != hub.channels.end() && channel->second->timers_.erase(id) > 0) fire();
    });
    timers_.emplace(id, std::move(timer));
    return Timer{id};
  }
  void cancel_timer(Timer timer) override { timers_.erase(timer.id); }
  Rng& rng() override { return rng_; }

  void receive(const WireMessage& wire) {
    if (!handler_ || !hub_.setup.allowed(wire.source, home_)) return;
    Result<Message> message = hub_.setup.messages.decode(wire.body);
    if (message) handler_({wire.source, self_, *std::move(message)});
  }

 private:
  std::shared_ptr<ClientHub::Parts> parts_;
  ClientHub::Parts& hub_;
  NodeId self_;
  NodeId home_;
  Rng rng_;
  std::function<void(const Envelope&)> handler_;
  std::map<std::uint64_t, std::unique_ptr<asio::steady_timer>> timers_;
  std::uint64_t last_timer_ = 0;
};

ClientHub::ClientHub(asio::io_context& io, Setup setup)
    : parts_(std::make_shared<Parts>(io, std::move(setup))) {
  for (const auto& [node, address] : parts_->setup.nodes) {
    parts_->servers.push_back(node);
    parts_->links.push_back(std::make_shared<TcpLink>(
        io, asio::ip::tcp::endpoint(asio::ip::make_address(address), parts_->setup.port)));
  }
}

ClientHub::~ClientHub() { close(); }

void ClientHub::connect() {
  for (std::size_t server = 0; server < parts_->links.size(); ++server) {
    parts_->links[server]->open(
        [parts = parts_.get(), server] {
          for (const auto& [client, channel] : parts->channels) parts->say_hello(server, client);
        },
        [parts = parts_.get()](const std::string& text) { parts->receive(text); });
  }
}

void ClientHub::close() {
  for (const auto& link : parts_->links) link->close();
  parts_->questions.clear();
}

std::unique_ptr<Channel> ClientHub::open(Process process) {
  return std::make_unique<TcpChannel>(parts_, process);
}

void ClientHub::Parts::receive(const std::string& text) {
  Result<WireMessage> wire = parse_wire(text);
  if (!wire) return;
  if (wire->type() == wire_status_ok || wire->type() == wire_instruct_ok) {
    return take_answer(*wire);
  }
  auto channel = channels.find(wire->target);
  if (channel != channels.end()) channel->second->receive(*wire);
}

void ClientHub::Parts::ask(NodeId node, std::string_view type, Map body, Duration time_limit,
                           std::function<void(const Result<Value>&)> answered) {
  std::int64_t id = ++last_question;
  body["type"] = type;
  body["msg_id"] = id;
  auto server = static_cast<std::size_t>(node.index);
  auto limit = std::make_unique<asio::steady_timer>(io, time_limit);
  limit->async_wait([this, id, node](boost::system::error_code cancelled) {
    if (cancelled) return;
    auto question = questions.find(id);
    if (question == questions.end()) return;
    auto tell = std::move(question->second.answered);
    questions.erase(question);
    tell(Error{Error::Code::timed_out, to_string(node) + " did not answer"});
  });
  questions.emplace(id, Question{std::move(answered), std::move(limit)});
  // The controller asks as a client that no process has.
  links[server]->send_now(wire_text(NodeId::client(INT32_MAX - 1), node, body));
}

void ClientHub::Parts::take_answer(const WireMessage& wire) {
  std::int64_t id = 0;
  read_field(wire.body, "in_reply_to", id);
  auto found = questions.find(id);
  if (found == questions.end()) return;
  Question question = std::move(found->second);
  questions.erase(found);
  question.answered(wire.body);
}

void ClientHub::ask_status(NodeId node, Duration time_limit,
                           std::function<void(Result<Status>)> answered) {
  std::int64_t asked = wall_nanoseconds();
  auto take = [asked, answered = std::move(answered)](const Result<Value>& body) {
    if (!body) return answered(body.error());
    Status status;
    std::int64_t wall = 0;
    read_field(*body, "role", status.status.role);
    read_field(*body, "term", status.status.term);
    read_field(*body, "ready", status.status.ready);
    read_field(*body, "voters", status.status.voters);
    read_field(*body, "version", status.version);
    read_field(*body, "wall", wall);
    // As in NTP: the node's clock stood there about half way between question and answer.
    status.clock_doubt = Duration{(wall_nanoseconds() - asked) / 2};
    status.clock_offset = Duration{wall - asked} - status.clock_doubt;
    answered(status);
  };
  parts_->ask(node, wire_status, {}, time_limit, std::move(take));
}

void ClientHub::instruct(NodeId node, std::string verb, Value value, Duration time_limit,
                         std::function<void(sunder::Status)> answered) {
  Map body;
  body["verb"] = std::move(verb);
  body["value"] = std::move(value);
  auto take = [answered = std::move(answered)](const Result<Value>& reply) {
    if (!reply) return answered(reply.error());
    const Value* refused = reply->find("refused");
    if (refused == nullptr) return answered(Done{});
    answered(Error{Error::Code::refused, refused->is_text() ? refused->text() : "refused"});
  };
  parts_->ask(node, wire_instruct, std::move(body), time_limit, std::move(take));
}

}  // namespace sunder
