#include "nodes/lattice/client.h"

#include "harness/core/assert.h"

namespace sunder::lattice {
namespace {

constexpr std::int64_t amount_max = std::int64_t{1} << 31;  // so that no sum overflows

/// The value and the tag of an update: plain, or {"value": v, "tag": t}.
bool read_argument(const Value& argument, Request& request) {
  const Value* value = &argument;
  if (argument.is_map()) {
    static const Value nil;
    const Value* inner = argument.find("value");
    value = inner == nullptr ? &nil : inner;
    if (const Value* tag = argument.find("tag")) {
      if (!tag->is_text()) return false;
      request.tag = tag->text();
    }
  }
  auto verb = static_cast<Verb>(request.verb);
  bool counts = verb == Verb::increment || verb == Verb::decrement;
  if (value->is_nil() && counts) {
    request.value = 1;
    return true;
  }
  if (!value->is_integer()) return false;
  request.value = value->integer();
  if (!counts) return true;
  bool grows_only = static_cast<Kind>(request.kind) == Kind::g_counter;
  std::int64_t least = grows_only ? 0 : -amount_max;
  return request.value >= least && request.value <= amount_max;
}

}  // namespace

ObjectClient::ObjectClient(Channel& channel, ClientConfig config)
    : channel_(channel),
      config_(std::move(config)),
      kind_(kind_of(config_.datatype)),
      target_(channel.home()) {
  channel_.on_receive([this](const Envelope& envelope) {
    if (const Reply* reply = envelope.message.as<Reply>()) on_reply(*reply);
  });
}

ObjectClient::~ObjectClient() {
  channel_.cancel_timer(timer_);
  channel_.on_receive({});
}

std::optional<Request> ObjectClient::request_from(const Op& invocation) const {
  if (!kind_ || !invocation.value.is_list() || invocation.value.list().size() != 2) return {};
  const Value& key = invocation.value.list()[0];
  std::optional<Verb> verb = verb_of(*kind_, invocation.verb);
  if (!verb || !key.is_integer()) return {};
  Request request{.op = static_cast<std::int64_t>(invocation.index),
                  .kind = static_cast<std::uint8_t>(*kind_),
                  .verb = static_cast<std::uint8_t>(*verb),
                  .key = key.integer()};
  if (!is_update(*verb)) return request;
  if (!read_argument(invocation.value.list()[1], request)) return {};
  auto read = contexts_.find(request.key);
  if (read != contexts_.end() && *kind_ == Kind::mv_register) request.past = read->second.counts();
  return request;
}

void ObjectClient::invoke(const Op& invocation, Complete complete) {
  ASSERT(!complete_);
  std::optional<Request> request = request_from(invocation);
  if (!request) {
    complete(Outcome::fail("refused: these arguments are not understood"));
    return;
  }
  request_ = *std::move(request);
  request_.msg_id = ++msg_id_;
  complete_ = std::move(complete);
  if (!config_.pinned) choose_server();
  send();
}

void ObjectClient::choose_server() {
  target_ = channel_.servers()[channel_.rng().below(channel_.servers().size())];
}

void ObjectClient::send() {
  channel_.send(target_, Message(request_));
  timer_ = channel_.start_timer(config_.retry_after, [this] {
    if (!config_.pinned && !is_update(static_cast<Verb>(request_.verb))) choose_server();
    send();
  });
}

void ObjectClient::on_reply(const Reply& reply) {
  if (!complete_ || reply.in_reply_to != msg_id_) return;
  if (reply.refused) {
    finish(Outcome::fail("refused: the key holds an object of another kind"));
    return;
  }
  if (is_update(static_cast<Verb>(request_.verb)) && reply.made.size() != 1) return;
  if (!config_.forgets_context) {
    contexts_[request_.key].merge(clock::VectorClock(reply.context));
  }
  finish(Outcome::ok(Value::pair(Value(request_.key), answer(reply))));
}

Value ObjectClient::answer(const Reply& reply) const {
  auto verb = static_cast<Verb>(request_.verb);
  if (is_update(verb)) return told(reply.made.front(), false);
  if (verb == Verb::read) return Map{{"value", reply.answer}, {"seen", vector(reply.seen)}};
  List log;
  log.reserve(reply.made.size());
  for (const Made& made : reply.made) log.push_back(told(made, true));
  return Map{{"log", std::move(log)}};
}

Value ObjectClient::told(const Made& made, bool tagged) const {
  Value node(to_string(NodeId::node(static_cast<std::int32_t>(made.dot.node))));
  Map map{{"dot", Value::pair(node, Value(made.dot.count))}, {"seen", vector(made.seen)}};
  if (tagged) map["tag"] = made.tag;
  if (*kind_ == Kind::mv_register) map["past"] = vector(made.past);
  if (*kind_ == Kind::lww_register) map["stamp"] = Value::pair(Value(made.time), node);
  return Value(std::move(map));
}

Value ObjectClient::vector(const std::vector<std::int64_t>& counts) const {
  Map map;
  for (std::size_t i = 0; i < counts.size() && i < channel_.servers().size(); ++i) {
    if (counts[i] == 0) continue;
    map[to_string(NodeId::node(static_cast<std::int32_t>(i)))] = counts[i];
  }
  return Value(std::move(map));
}

void ObjectClient::finish(Outcome outcome) {
  channel_.cancel_timer(timer_);
  timer_ = {};
  // The callee may destroy this client or invoke the next op.
  Complete complete = std::move(complete_);
  complete_ = {};
  complete(std::move(outcome));
}

}  // namespace sunder::lattice
