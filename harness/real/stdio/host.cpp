#include "harness/real/stdio/host.h"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "harness/core/assert.h"
#include "harness/core/log.h"
#include "harness/real/node_driver.h"
#include "harness/real/stdio/clients.h"
#include "harness/real/stdio/lines.h"

namespace sunder::stdio {
namespace asio = boost::asio;
namespace {

// A client's message to a node that is not its own, or the answer: whose client it is says which.
constexpr std::string_view carried_type = "sunder_client";
constexpr std::size_t waiting_max = std::size_t{64} << 20;  // bytes; more between nodes are lost
constexpr Duration grace = std::chrono::seconds(1);         // after the end of input

class Host final {
 public:
  explicit Host(const Setup& setup)
      : setup_(setup), signals_(io_), leaving_(io_), in_(io_, ::dup(STDIN_FILENO)),
        out_(io_, ::dup(STDOUT_FILENO), [this](const Error& error) {
          if (!ended_) failure_ = error;
          io_.stop();
        }) {}

  Status run();

 private:
  void receive(std::string_view line);
  void from_peer(NodeId peer, const Letter& letter);
  void from_client(const Letter& letter);
  void carried(NodeId peer, const Value& body);
  void begin(const Letter& letter);
  Status boot(Roster roster);
  void perform(const Letter& letter, const Request& request, const Draft& draft);
  void look_for_key(const Letter& letter, const Outcome& failed);
  std::optional<Message> decoded(const Value& body);
  void reply(const Letter& letter, Map body);
  void refuse(const Letter& letter, ErrorCode code, std::string_view text);
  void tell_node(NodeId target, const Value& body);
  void carry(NodeId target, const Message& message);
  void client_sends(NodeId client, NodeId target, const Message& message);
  void complain(std::string_view text);
  void input_ended();
  void leave_if_done();
  void leave();
  void stop(const Error& error);

  const Setup& setup_;
  asio::io_context io_{1};
  asio::signal_set signals_;
  asio::steady_timer leaving_;
  LineReader in_;
  LineWriter out_;
  std::optional<Roster> roster_;  // once there was an init
  std::unique_ptr<NodeDriver> node_;
  std::unique_ptr<Clients> clients_;
  std::optional<Error> failure_;
  int complaints_left_ = 20;  // about what cannot be understood
  bool ended_ = false;        // the input
};

Status Host::run() {
  signals_.add(SIGTERM);
  signals_.add(SIGINT);
  signals_.async_wait([this](boost::system::error_code cancelled, int) {
    if (!cancelled) io_.stop();
  });
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error of write()
  in_.open({[this](std::string_view line) { receive(line); },
            [this] { complain("ignored a line of more than 8 MiB"); },
            [this] { input_ended(); }});
  io_.run();
  node_.reset();
  if (failure_) return *failure_;
  return Done{};
}

void Host::receive(std::string_view line) {
  Result<Letter> letter = parse_letter(line);
  if (!letter) return complain("ignored a line: " + letter.error().context);
  if (roster_) {
    if (letter->target != roster_->name(roster_->self())) {
      return complain("ignored a message to '" + letter->target + "', who is somebody else");
    }
    if (std::optional<NodeId> peer = roster_->node(letter->source)) {
      return from_peer(*peer, *letter);
    }
  }
  from_client(*letter);
}

void Host::from_peer(NodeId peer, const Letter& letter) {
  if (letter.type() == carried_type) return carried(peer, letter.body);
  std::optional<Message> message = decoded(letter.body);
  if (message) node_->deliver({peer, roster_->self(), *std::move(message)});
}

void Host::carried(NodeId peer, const Value& body) {
  const Value* name = body.find("client");
  NodeId client;
  bool good = name != nullptr && decode_field(*name, client) && !client.is_node();
  const Value* inner = body.find("message");
  NodeId owner = good ? roster_->owner(client) : NodeId();
  if (!good || inner == nullptr || (owner != peer && owner != roster_->self())) {
    return complain("ignored a client's message that " + roster_->name(peer) + " should not have");
  }
  std::optional<Message> message = decoded(*inner);
  if (!message) return;
  if (owner == peer) return node_->deliver({client, roster_->self(), *std::move(message)});
  clients_->deliver({peer, client, *std::move(message)});
}

std::optional<Message> Host::decoded(const Value& body) {
  Result<Message> message = setup_.system->messages.decode(body);
  if (message) return *std::move(message);
  complain("ignored a message between nodes: " + message.error().context);
  return {};
}

void Host::from_client(const Letter& letter) {
  if (letter.answers_something()) return complain("ignored an answer to nothing that was asked");
  if (!letter.id()) {
    return refuse(letter, ErrorCode::malformed_request, "a request needs an integer msg_id");
  }
  std::string_view type = letter.type();
  if (type == "init") return begin(letter);
  if (type == "echo") {
    const Value* echo = letter.body.find("echo");
    Map body = body_of_type("echo_ok");
    body["echo"] = echo != nullptr ? *echo : Value();
    return reply(letter, std::move(body));
  }
  if (!roster_) {
    return refuse(letter, ErrorCode::temporarily_unavailable, "there was no init yet");
  }
  if (type == "topology") return reply(letter, body_of_type("topology_ok"));  // all talk to all
  const Speech& speech = *setup_.spoken.speech;
  const Request* request = speech.find(type);
  if (request == nullptr) {
    return refuse(letter, ErrorCode::not_supported,
                  "this node speaks " + std::string(speech.workload) + ", which has no '" +
                      std::string(type) + "'; see --workload");
  }
  Result<Draft> draft = request->ask(setup_.spoken.datatype, letter.body);
  if (draft) return perform(letter, *request, *draft);
  bool understood = draft.error().code == Error::Code::refused;
  refuse(letter, understood ? ErrorCode::not_supported : ErrorCode::malformed_request,
         draft.error().context);
}

void Host::perform(const Letter& letter, const Request& request, const Draft& draft) {
  if (clients_->under_way() >= Clients::under_way_max) {
    return refuse(letter, ErrorCode::temporarily_unavailable, "too many requests at a time");
  }
  clients_->invoke(letter.source, draft, [this, letter, &request](const Clients::Ended& ended) {
    if (ended.outcome.phase == Phase::ok) {
      return reply(letter, request.reply(letter.body, ended.outcome.value));
    }
    if (compare_failed(ended.outcome)) return look_for_key(letter, ended.outcome);
    reply(letter, reply_to_failure(ended.outcome, ended.timed_out));
  });
}

// Maelstrom tells a compare that failed from one whose key does not exist; systems do not. Keys are
// never deleted: where a read afterwards finds none, there was none before. Where it finds one, or
// finds out nothing, "precondition failed" is right as well: nothing was changed.
void Host::look_for_key(const Letter& letter, const Outcome& failed) {
  const Request& read = *setup_.spoken.speech->find("read");
  Result<Draft> draft = read.ask(setup_.spoken.datatype, letter.body);
  ASSERT(draft);  // the compare had a key
  clients_->invoke(letter.source, *draft, [this, letter, failed, &read](
                                              const Clients::Ended& ended) {
    if (ended.outcome.phase == Phase::ok) {
      Map found = read.reply(letter.body, ended.outcome.value);
      if (found["type"] == Value("error")) return reply(letter, std::move(found));
    }
    reply(letter, reply_to_failure(failed, false));
  });
}

void Host::begin(const Letter& letter) {
  const Value* self = letter.body.find("node_id");
  const Value* names = letter.body.find("node_ids");
  std::vector<std::string> node_ids;
  if (self == nullptr || !self->is_text() || names == nullptr || !decode_field(*names, node_ids)) {
    return refuse(letter, ErrorCode::malformed_request,
                  "an init has a text node_id and a list of texts node_ids");
  }
  Result<Roster> roster = Roster::of(self->text(), std::move(node_ids));
  if (!roster) return refuse(letter, ErrorCode::malformed_request, roster.error().context);
  if (roster_ && *roster_ != *roster) {
    return refuse(letter, ErrorCode::malformed_request, "this node has had another init");
  }
  if (static_cast<int>(roster->nodes().size()) > setup_.system->nodes_max) {
    return refuse(letter, ErrorCode::not_supported,
                  setup_.system->name + " runs on at most " +
                      std::to_string(setup_.system->nodes_max) + " nodes");
  }
  if (!roster_) {
    Status booted = boot(*std::move(roster));
    if (!booted) {
      refuse(letter, ErrorCode::crash, booted.error().context);
      return stop(booted.error());
    }
  }
  reply(letter, body_of_type("init_ok"));
}

Status Host::boot(Roster roster) {
  std::unique_ptr<FileStorage> storage = FileStorage::in_memory();
  if (!setup_.data.empty()) {
    auto opened = FileStorage::open(setup_.data / to_string(roster.self()));
    if (!opened) return opened.error();
    storage = *std::move(opened);
  }
  roster_ = std::move(roster);
  clients_ = std::make_unique<Clients>(
      io_, Clients::Setup{.system = setup_.system,
                          .config = setup_.config,
                          .roster = *roster_,
                          .first_turn = static_cast<std::int32_t>(
                              setup_.boot % (std::uint64_t{Roster::turns_max} / 2)),
                          .seed = setup_.boot,
                          .time_limit = setup_.time_limit,
                          .send = [this](NodeId client, NodeId target, const Message& message) {
                            client_sends(client, target, message);
                          }});
  node_ = std::make_unique<NodeDriver>(
      io_, NodeDriver::Setup{.system = setup_.system,
                             .config = &setup_.config,
                             .self = roster_->self(),
                             .peers = roster_->nodes(),
                             .storage = std::move(storage),
                             .trace = {},
                             .seed = setup_.seed,
                             .carry = [this](NodeId target,
                                             const Message& message) { carry(target, message); },
                             .disk_failed = [this](const Error& error) { stop(error); }});
  log::info(roster_->name(roster_->self()) + " runs " + setup_.system->name + " and speaks " +
            std::string(setup_.spoken.speech->workload) +
            (setup_.data.empty() ? ", remembering nothing over a restart" : ""));
  node_->boot();
  return Done{};
}

void Host::reply(const Letter& letter, Map body) {
  if (std::optional<std::int64_t> id = letter.id()) body["in_reply_to"] = *id;
  out_.write(letter_text(roster_ ? roster_->name(roster_->self()) : letter.target, letter.source,
                         Value(std::move(body))));
  if (ended_) asio::post(io_, [this] { leave_if_done(); });
}

void Host::refuse(const Letter& letter, ErrorCode code, std::string_view text) {
  reply(letter, error_body(code, text));
}

void Host::tell_node(NodeId target, const Value& body) {
  if (ended_ || out_.waiting() > waiting_max) return;
  out_.write(letter_text(roster_->name(roster_->self()), roster_->name(target), body));
}

void Host::client_sends(NodeId client, NodeId target, const Message& message) {
  if (target == roster_->self()) {
    return node_->deliver_soon({client, target, message});
  }
  Map body = body_of_type(carried_type);
  body["client"] = to_string(client);
  body["message"] = message.value();
  tell_node(target, Value(std::move(body)));
}

void Host::carry(NodeId target, const Message& message) {
  NodeId self = roster_->self();
  if (target.is_node()) {
    if (roster_->has(target)) tell_node(target, message.value());
    return;
  }
  NodeId owner = roster_->owner(target);
  if (owner == self) {
    return asio::post(
        io_, [this, own = Envelope{self, target, message}] { clients_->deliver(own); });
  }
  Map body = body_of_type(carried_type);
  body["client"] = to_string(target);
  body["message"] = message.value();
  tell_node(owner, Value(std::move(body)));
}

void Host::complain(std::string_view text) {
  if (complaints_left_-- > 0) log::warning(text);
}

void Host::input_ended() {
  ended_ = true;
  leaving_.expires_after(grace);
  leaving_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) leave();
  });
  leave_if_done();
}

void Host::leave_if_done() {
  if (clients_ == nullptr || clients_->under_way() == 0) leave();
}

void Host::leave() {
  out_.when_empty([this] { io_.stop(); });
}

void Host::stop(const Error& error) {
  failure_ = error;
  leave();
}

}  // namespace

Status run(const Setup& setup) {
  Host host(setup);
  return host.run();
}

}  // namespace sunder::stdio
