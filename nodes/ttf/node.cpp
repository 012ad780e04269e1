#include "nodes/ttf/node.h"

#include "nodes/text/trace.h"

namespace sunder::ttf {
namespace {

using text::Code;
using text::Verb;

constexpr std::size_t batch_max = 64;  // operations in one message

}  // namespace

void TtfNode::on_start() {
  text::trace_boot(runtime_);
  recover();
  for (const auto& [key, document] : documents_) {
    text::trace_state(runtime_, "recovered", key, document.text(), document.updates());
  }
  runtime_.start_timer(config_.interval);
}

Document& TtfNode::document(std::int64_t key) {
  return documents_.try_emplace(key, runtime_.peers().size(), config_.flaws.document).first->second;
}

void TtfNode::add_to_log(std::int64_t key, const Operation& operation) {
  ByteWriter out;
  out.number(key);
  put_operation(out, operation);
  runtime_.storage().append(out.take());
}

// The same operations in the same order make the same document.
void TtfNode::recover() {
  Storage& storage = runtime_.storage();
  std::uint64_t at = storage.log_begin();
  for (; at < storage.log_end(); ++at) {
    ByteReader in(storage.log_read(at));
    std::int64_t key = in.number();
    Operation operation = get_operation(in);
    if (!in.ok() || !document(key).may_apply(operation)) break;  // torn: nobody was told of it
    document(key).apply_operation(operation);
  }
  if (at < storage.log_end()) storage.truncate_from(at);
}

void TtfNode::on_message(const Envelope& envelope) {
  const Message& message = envelope.message;
  NodeId source = envelope.source;
  if (const auto* request = message.as<text::Request>()) return on_request(source, *request);
  if (!source.is_node()) return;
  if (const auto* operations = message.as<Operations>()) return on_operations(source, *operations);
  if (const auto* digest = message.as<Digest>()) return on_digest(source, *digest);
}

void TtfNode::on_timer(Timer) {
  runtime_.start_timer(config_.interval);
  std::size_t peers = runtime_.peers().size();
  if (peers < 2 || documents_.empty() || config_.flaws.sent_once) return;
  std::size_t peer = runtime_.rng().below(peers - 1);
  if (peer >= static_cast<std::size_t>(self())) ++peer;
  Digest digest;
  for (const auto& [key, document] : documents_) {
    digest.documents.push_back({key, document.updates().counts().counts()});
  }
  runtime_.send(runtime_.peers()[peer], Message(std::move(digest)));
}

void TtfNode::on_request(NodeId client, const text::Request& request) {
  text::Reply reply{.in_reply_to = request.msg_id};
  switch (static_cast<Verb>(request.verb)) {
    case Verb::insert:
    case Verb::erase: return serve_update(client, request);
    case Verb::read: return answer(client, document(request.key), std::move(reply));
    case Verb::log:
      reply.log = document(request.key).updates().log();
      runtime_.send(client, Message(std::move(reply)));
      return;
  }
}

void TtfNode::answer(NodeId client, const Document& asked, text::Reply reply) {
  reply.document = asked.text();
  reply.seen = asked.updates().counts().counts();
  runtime_.send(client, Message(std::move(reply)));
}

// Local edits never wait for anybody.
void TtfNode::serve_update(NodeId client, const text::Request& request) {
  Document& edited = document(request.key);
  if (!once_.is_new(client, request.msg_id) || edited.updates().has_tag(request.tag)) return;
  text::Reply reply{.in_reply_to = request.msg_id, .origin = self()};
  bool inserts = static_cast<Verb>(request.verb) == Verb::insert;
  std::optional<Operation> made =
      inserts ? edited.insert(self(), request.position, request.element, request.tag)
              : edited.erase(self(), request.element, request.tag);
  if (!made) {
    reply.code = static_cast<std::uint8_t>(Code::refused);
    runtime_.send(client, Message(std::move(reply)));
    return;
  }
  reply.sequence = made->sequence;
  text::trace_edit(runtime_, request, made->sequence, made->update.seen);
  text::trace_state(runtime_, "state", request.key, edited.text(), edited.updates());
  add_to_log(request.key, *made);
  barrier();
  Message message(Operations{request.key, {*std::move(made)}});
  for (NodeId peer : runtime_.peers()) {
    if (peer != runtime_.self()) runtime_.send(peer, message);
  }
  answer(client, edited, std::move(reply));
}

void TtfNode::on_operations(NodeId source, const Operations& message) {
  Document& into = document(message.key);
  for (const Operation& operation : message.operations) into.keep(operation);
  bool applied = false;
  while (std::optional<Operation> due = into.take_due()) {
    into.apply_operation(*due);
    add_to_log(message.key, *due);
    text::trace_apply(runtime_, message.key, due->origin, due->sequence);
    text::trace_state(runtime_, "state", message.key, into.text(), into.updates());
    applied = true;
  }
  if (into.has_waiting()) runtime_.probe("an operation waited for others");
  if (!applied) return;
  barrier();
  if (message.operations.size() < batch_max) return;
  // A full message may have a successor.
  runtime_.send(source, Message(Digest{{{message.key, into.updates().counts().counts()}}}));
}

// Both sides of an exchange learn what the other has, and send what it lacks.
void TtfNode::on_digest(NodeId source, const Digest& digest) {
  Digest asked{.documents = {}, .answer = true};
  for (const Progress& named : digest.documents) {
    Document& mine = document(named.key);
    clock::VectorClock theirs(named.counts);
    std::vector<Operation> missing = mine.beyond(theirs, batch_max);
    if (!missing.empty()) {
      runtime_.probe("operations were sent again");
      runtime_.send(source, Message(Operations{named.key, std::move(missing)}));
    }
    if (mine.updates().counts().covers(theirs)) continue;
    asked.documents.push_back({named.key, mine.updates().counts().counts()});
  }
  if (digest.answer || asked.documents.empty()) return;
  runtime_.send(source, Message(std::move(asked)));
}

void TtfNode::barrier() {
  if (!config_.flaws.no_sync) runtime_.storage().sync();
}

}  // namespace sunder::ttf
