#include "harness/real/node_host.h"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <csignal>
#include <sstream>

#include "harness/core/log.h"
#include "harness/real/node_driver.h"
#include "harness/real/tcp_link.h"
#include "harness/real/wire.h"

namespace sunder {
namespace {

using asio::ip::tcp;

Result<tcp::endpoint> parse_endpoint(const std::string& text) {
  std::size_t colon = text.rfind(':');
  boost::system::error_code error;
  unsigned port = 0;
  bool good = colon != std::string::npos;
  if (good) {
    const char* last = text.data() + text.size();
    auto parsed = std::from_chars(text.data() + colon + 1, last, port);
    good = parsed.ec == std::errc() && parsed.ptr == last && port > 0 && port <= 65535;
  }
  asio::ip::address address;
  if (good) address = asio::ip::make_address(text.substr(0, colon), error);
  if (!good || error) {
    return Error{Error::Code::malformed,
                 "'" + text + "' is not an address like 127.0.0.1:7001 (names are not resolved)"};
  }
  return tcp::endpoint(address, static_cast<std::uint16_t>(port));
}

class NodeHost final {
 public:
  explicit NodeHost(const NodeSetup& setup)
      : setup_(setup), acceptor_(io_), accept_later_(io_), signals_(io_) {}

  Status run();

 private:
  using Stream = std::shared_ptr<FrameStream>;
  Status listen(const tcp::endpoint& endpoint);
  void accept();
  void receive(const std::weak_ptr<FrameStream>& from, const std::string& text);
  void answer_status(FrameStream& stream, const WireMessage& question);
  void answer_instruction(FrameStream& stream, const WireMessage& question);
  void hear(const WireMessage& wire);
  void carry(NodeId target, const Message& message);
  void forget(const FrameStream* stream);
  void stop(const Error& error);

  const NodeSetup& setup_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer accept_later_;
  asio::signal_set signals_;
  std::map<NodeId, std::shared_ptr<TcpLink>> peers_;
  std::set<Stream> accepted_;
  std::map<NodeId, std::weak_ptr<FrameStream>> ways_back_;  // to clients
  std::optional<Error> failure_;
  int complaints_left_ = 20;  // about what cannot be understood
  std::unique_ptr<NodeDriver> node_;
};

Status NodeHost::listen(const tcp::endpoint& endpoint) {
  boost::system::error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (!error) return Done{};
  return Error{Error::Code::environment,
               to_string(setup_.self) + " cannot listen on " + endpoint.address().to_string() +
                   ":" + std::to_string(endpoint.port()) + ": " + error.message() +
                   "; is another process using the port?"};
}

Status NodeHost::run() {
  std::vector<NodeId> boot_list;
  std::optional<tcp::endpoint> own;
  for (const auto& [peer, address] : setup_.peers) {
    Result<tcp::endpoint> endpoint = parse_endpoint(address);
    if (!endpoint) return endpoint.error();
    boot_list.push_back(peer);
    if (peer == setup_.self) {
      own = *endpoint;
    } else {
      peers_[peer] = std::make_shared<TcpLink>(io_, *endpoint);
    }
  }
  if (!own) {
    return Error{Error::Code::malformed, to_string(setup_.self) + " is not in the list of peers"};
  }
  auto storage = FileStorage::open(setup_.data);
  if (!storage) return storage.error();
  if ((*storage)->cut_off() > 0) {
    log::warning("cut a torn record of " + std::to_string((*storage)->cut_off()) +
                 " bytes off the journal's end");
  }
  TraceFile trace;
  if (!setup_.trace.empty()) {
    Result<TraceFile> opened = TraceFile::open(setup_.trace);
    if (!opened) return opened.error();
    trace = std::move(*opened);
  }
  if (Status listening = listen(*own); !listening) return listening;

  node_ = std::make_unique<NodeDriver>(
      io_, NodeDriver::Setup{
               .system = setup_.system,
               .config = &setup_.config,
               .self = setup_.self,
               .peers = boot_list,
               .storage = *std::move(storage),
               .trace = std::move(trace),
               .seed = setup_.seed,
               .carry = [this](NodeId target, const Message& message) { carry(target, message); },
               .disk_failed = [this](const Error& error) { stop(error); }});
  signals_.add(SIGTERM);
  signals_.add(SIGINT);
  signals_.async_wait([this](boost::system::error_code cancelled, int) {
    if (!cancelled) io_.stop();
  });
  for (auto& [peer, link] : peers_) {
    link->open([] {}, [](const std::string&) {});  // peers answer over their own connections
  }
  accept();
  log::info(to_string(setup_.self) + " runs " + setup_.system->name + " on " +
            own->address().to_string() + ":" + std::to_string(own->port()));
  node_->boot();
  io_.run();
  node_.reset();
  if (failure_) return *failure_;
  return Done{};
}

void NodeHost::accept() {
  acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (error) {  // no descriptor is left, most likely: the caller stays in the queue meanwhile
      accept_later_.expires_after(std::chrono::milliseconds(50));
      accept_later_.async_wait([this](boost::system::error_code) { accept(); });
      return;
    }
    auto stream = std::make_shared<FrameStream>(std::move(socket));
    accepted_.insert(stream);
    std::weak_ptr<FrameStream> weak = stream;
    stream->open([this, weak](const std::string& text) { receive(weak, text); },
                 [this, raw = stream.get()] { forget(raw); });
    accept();
  });
}

void NodeHost::forget(const FrameStream* stream) {
  std::erase_if(ways_back_, [&](const auto& way) {
    Stream held = way.second.lock();
    return held == nullptr || held.get() == stream;
  });
  std::erase_if(accepted_, [&](const Stream& held) { return held.get() == stream; });
}

void NodeHost::receive(const std::weak_ptr<FrameStream>& from, const std::string& text) {
  Stream stream = from.lock();
  if (!stream) return;
  Result<WireMessage> wire = parse_wire(text);
  if (!wire) {
    if (complaints_left_-- > 0) log::warning("ignored a message: " + wire.error().context);
    return;
  }
  if (wire->type() == wire_status) return answer_status(*stream, *wire);
  if (wire->type() == wire_instruct) return answer_instruction(*stream, *wire);
  if (!wire->source.is_node()) ways_back_[wire->source] = stream;
  if (wire->type() == wire_hello) return;
  hear(*wire);
}

void NodeHost::hear(const WireMessage& wire) {
  if (wire.target != setup_.self) return;  // sent by someone with another list of peers
  Result<Message> message = setup_.system->messages.decode(wire.body);
  if (!message) {
    if (complaints_left_-- > 0) {
      log::warning("ignored a message of " + to_string(wire.source) + ": " +
                   message.error().context);
    }
    return;
  }
  node_->deliver({wire.source, wire.target, *std::move(message)});
}

/// The answer to a question, without what it says.
Map answer_to(const WireMessage& question, std::string_view type) {
  Map body;
  body["type"] = type;
  const Value* id = question.body.find("msg_id");
  if (id != nullptr) body["in_reply_to"] = *id;
  return body;
}

void NodeHost::answer_instruction(FrameStream& stream, const WireMessage& question) {
  const Value* verb = question.body.find("verb");
  const Value* value = question.body.find("value");
  Status status = node_->instruct(verb != nullptr && verb->is_text() ? verb->text() : "",
                                  value != nullptr ? *value : Value());
  Map body = answer_to(question, wire_instruct_ok);
  if (!status) body["refused"] = status.error().context;
  stream.write(wire_text(setup_.self, question.source, body));
}

void NodeHost::answer_status(FrameStream& stream, const WireMessage& question) {
  NodeStatus status = node_->status();
  Map body = answer_to(question, wire_status_ok);
  body["role"] = status.role;
  body["term"] = status.term;
  body["ready"] = status.ready;
  if (!setup_.called.empty()) body["version"] = setup_.called;
  if (!status.voters.empty()) body["voters"] = encode_field(status.voters);
  auto wall = std::chrono::system_clock::now().time_since_epoch();
  body["wall"] = std::int64_t{std::chrono::duration_cast<Duration>(wall).count()};
  stream.write(wire_text(setup_.self, question.source, body));
}

void NodeHost::carry(NodeId target, const Message& message) {
  if (target.is_node()) {
    auto peer = peers_.find(target);
    if (peer == peers_.end()) return;
    return peer->second->send(wire_text(setup_.self, target, message.value()));
  }
  auto way = ways_back_.find(target);
  if (way == ways_back_.end()) return;
  if (Stream stream = way->second.lock()) {
    stream->write(wire_text(setup_.self, target, message.value()));
  }
}

void NodeHost::stop(const Error& error) {
  failure_ = error;
  io_.stop();
}

}  // namespace

Result<std::vector<std::pair<NodeId, std::string>>> parse_peers(std::string_view text) {
  std::map<NodeId, std::string> peers;
  std::istringstream parts{std::string(text)};
  for (std::string part; std::getline(parts, part, ',');) {
    std::size_t equals = part.find('=');
    std::optional<NodeId> id;
    if (equals != std::string::npos) id = parse_node_id(part.substr(0, equals));
    if (!id || !id->is_node() || !peers.emplace(*id, part.substr(equals + 1)).second) {
      return Error{Error::Code::malformed, "'" + part +
                                               "' is not a peer like n1=127.0.0.1:7001, or stands "
                                               "in the list twice"};
    }
  }
  return std::vector<std::pair<NodeId, std::string>>(peers.begin(), peers.end());
}

Status run_node(const NodeSetup& setup) {
  NodeHost host(setup);
  return host.run();
}

}  // namespace sunder
