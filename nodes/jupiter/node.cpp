#include "nodes/jupiter/node.h"

#include "nodes/text/trace.h"

namespace sunder::jupiter {
namespace {

using text::Code;
using text::Verb;

constexpr std::size_t batch_max = 64;  // operations in one message

std::vector<std::int64_t> peers_of(const Runtime& runtime) {
  std::vector<std::int64_t> peers;
  NodeId server = runtime.peers().front();
  for (NodeId peer : runtime.peers()) {
    bool linked = runtime.self() == server || peer == server;
    if (linked && peer != runtime.self()) peers.push_back(peer.index);
  }
  return peers;
}

NodeId node(std::int64_t index) { return NodeId::node(static_cast<std::int32_t>(index)); }

}  // namespace

JupiterNode::JupiterNode(Runtime& runtime, Config config)
    : runtime_(runtime), config_(config), peers_(peers_of(runtime)), journal_(runtime.storage()) {}

void JupiterNode::on_start() {
  text::trace_boot(runtime_);
  recover();
  for (const auto& [key, document] : documents_) {
    text::trace_state(runtime_, "recovered", key, document.text(), document.updates());
  }
  runtime_.start_timer(config_.interval);
}

Document& JupiterNode::document(std::int64_t key) {
  return documents_.try_emplace(key, runtime_.peers().size(), peers_, config_.flaws.link)
      .first->second;
}

void JupiterNode::recover() {
  Journal::Replay replay;
  replay.edited = [this](std::int64_t key, const Edit& edit, const text::Update& update) {
    document(key).edit(self(), edit, update);
    return true;
  };
  replay.sealed = [this](std::int64_t key) {
    if (!document(key).has_draft()) return false;
    document(key).seal(self());
    return true;
  };
  replay.received = [this](std::int64_t key, std::int64_t peer, std::int64_t index,
                           const Operation& operation) {
    Document& into = document(key);
    if (!into.has_peer(peer)) return false;
    if (config_.flaws.early_applied) into.skip_to(peer, index - 1);
    return into.receive(peer, operation);
  };
  replay.grown = [this](std::int64_t key) { return document(key).grow_last(peers_.front()); };
  journal_.recover(replay);
  for (auto& [key, document] : documents_) {
    for (std::int64_t peer : peers_) document.begin_push(peer);  // digests see to the old ones
    if (config_.flaws.waiting_forgotten) document.forget_waiting();
  }
}

void JupiterNode::on_message(const Envelope& envelope) {
  const Message& message = envelope.message;
  NodeId source = envelope.source;
  if (const auto* request = message.as<text::Request>()) return on_request(source, *request);
  bool linked =
      source.is_node() && std::find(peers_.begin(), peers_.end(), source.index) != peers_.end();
  if (!linked) return;
  if (const auto* operations = message.as<Operations>()) return on_operations(source, *operations);
  if (const auto* digest = message.as<Digest>()) return on_digest(source, *digest);
}

void JupiterNode::on_timer(Timer) {
  runtime_.start_timer(config_.interval);
  for (std::int64_t peer : peers_) send_digest(peer);
}

void JupiterNode::send_digest(std::int64_t peer) {
  Digest digest;
  for (const auto& [key, document] : documents_) {
    digest.documents.push_back(document.progress(key, peer));
  }
  if (!digest.documents.empty()) runtime_.send(node(peer), Message(std::move(digest)));
}

void JupiterNode::on_request(NodeId client, const text::Request& request) {
  text::Reply reply{.in_reply_to = request.msg_id};
  switch (static_cast<Verb>(request.verb)) {
    case Verb::insert:
    case Verb::erase: return serve_update(client, request);
    case Verb::read: return answer(client, request, std::move(reply));
    case Verb::log:
      reply.log = document(request.key).updates().log();
      runtime_.send(client, Message(std::move(reply)));
      return;
  }
}

void JupiterNode::answer(NodeId client, const text::Request& request, text::Reply reply) {
  const Document& asked = document(request.key);
  reply.document = asked.text();
  reply.seen = asked.updates().counts().counts();
  runtime_.send(client, Message(std::move(reply)));
}

// Local edits never wait for anybody.
void JupiterNode::serve_update(NodeId client, const text::Request& request) {
  Document& edited = document(request.key);
  if (!once_.is_new(client, request.msg_id) || edited.updates().has_tag(request.tag)) return;
  Edit edit{.element = request.element, .site = self()};
  if (static_cast<Verb>(request.verb) == Verb::insert) {
    auto size = static_cast<std::int64_t>(edited.text().size());
    edit.position = std::clamp<std::int64_t>(request.position, 0, size);
  } else {
    std::optional<std::int64_t> found = edited.position_of(request.element);
    if (!found) {
      text::Reply refusal{.in_reply_to = request.msg_id};
      refusal.code = static_cast<std::uint8_t>(Code::refused);
      runtime_.send(client, Message(std::move(refusal)));
      return;
    }
    edit.code = static_cast<std::uint8_t>(Kind::erase);
    edit.position = *found;
  }
  text::Update update{request.tag, edited.updates().counts().counts()};
  text::Reply reply{.in_reply_to = request.msg_id, .origin = self()};
  reply.sequence = edited.updates().count(self()) + 1;
  text::trace_edit(runtime_, request, reply.sequence, update.seen);
  journal_.edited(request.key, edit, update);
  edited.edit(self(), edit, std::move(update));
  text::trace_state(runtime_, "state", request.key, edited.text(), edited.updates());
  seal_what_may_go(request.key, edited);
  barrier();
  push(request.key, edited);
  answer(client, request, std::move(reply));
}

// The order of the server is that in which it seals and receives, so that it never waits.
void JupiterNode::seal_what_may_go(std::int64_t key, Document& document) {
  if (!document.has_draft()) return;
  if (config_.batch && !is_server() && !document.all_confirmed()) {
    runtime_.probe("an edit waited for the operation under way");
    return;
  }
  journal_.sealed(key);
  document.seal(self());
}

void JupiterNode::push(std::int64_t key, Document& document) {
  for (std::int64_t peer : peers_) {
    std::int64_t first = document.begin_push(peer);
    send_missing(node(peer), key, document, first);
  }
}

void JupiterNode::send_missing(NodeId target, std::int64_t key, const Document& document,
                               std::int64_t first) {
  std::vector<Operation> operations = document.stream(target.index, first, batch_max);
  if (operations.empty()) return;
  runtime_.send(target, Message(Operations{key, first, std::move(operations)}));
}

void JupiterNode::on_operations(NodeId source, const Operations& message) {
  Document& into = document(message.key);
  std::int64_t peer = source.index;
  std::size_t received = take_in(peer, into, message);
  if (received > 0) {
    text::trace_state(runtime_, "state", message.key, into.text(), into.updates());
    barrier();
    push(message.key, into);
  }
  // A full message may have a successor; a site that sends one operation at a time waits for this.
  bool full = message.operations.size() == batch_max;
  if (received == 0 || (!full && !(config_.batch && is_server()))) return;
  Digest digest{.documents = {into.progress(message.key, peer)}, .answer = !full};
  runtime_.send(source, Message(std::move(digest)));
}

std::size_t JupiterNode::take_in(std::int64_t peer, Document& into, const Operations& message) {
  std::size_t received = 0;
  std::int64_t index = message.first;
  for (const Operation& operation : message.operations) {
    std::int64_t known = into.progress(message.key, peer).received;
    bool at_once = (config_.flaws.early_applied && index > known) ||
                   (config_.flaws.resent_is_new && index <= known);
    if (at_once) {
      received += receive(peer, message.key, index, into, operation) ? 1 : 0;
    } else {
      into.keep(peer, index, operation);
    }
    ++index;
  }
  while (std::optional<Operation> due = into.take_due(peer)) {
    index = into.progress(message.key, peer).received + 1;
    received += receive(peer, message.key, index, into, *due) ? 1 : 0;
  }
  if (received == 0 && message.first > into.progress(message.key, peer).received + 1) {
    runtime_.probe("an operation waited for others");
  }
  return received;
}

bool JupiterNode::receive(std::int64_t peer, std::int64_t key, std::int64_t index, Document& into,
                          const Operation& operation) {
  if (config_.flaws.early_applied) into.skip_to(peer, index - 1);
  if (!into.receive(peer, operation)) return false;
  journal_.received(key, peer, index, operation);
  std::int64_t sequence = into.updates().count(operation.origin);
  auto count = static_cast<std::int64_t>(operation.updates.size());
  for (std::int64_t i = sequence - count + 1; i <= sequence; ++i) {
    text::trace_apply(runtime_, key, operation.origin, i);
  }
  return true;
}

void JupiterNode::on_digest(NodeId source, const Digest& digest) {
  Digest asked{.documents = {}, .answer = true};
  std::int64_t peer = source.index;
  for (const Progress& theirs : digest.documents) {
    Document& named = document(theirs.key);
    named.confirm(peer, theirs.received);
    if (config_.flaws.trimmed_by_acks) named.drop(peer, theirs.received);
    if (named.has_draft()) {
      if (config_.flaws.sent_batch_grows && named.grow_last(peer)) journal_.grown(theirs.key);
      seal_what_may_go(theirs.key, named);
      barrier();
      push(theirs.key, named);
    }
    Progress mine = named.progress(theirs.key, peer);
    if (theirs.received < mine.sent && !config_.flaws.never_resent) {
      runtime_.probe("operations were sent again");
      send_missing(source, theirs.key, named, theirs.received + 1);
    }
    if (theirs.sent > mine.received) asked.documents.push_back(mine);
  }
  if (digest.answer || asked.documents.empty()) return;
  runtime_.send(source, Message(std::move(asked)));
}

void JupiterNode::barrier() {
  if (!config_.flaws.no_sync) runtime_.storage().sync();
}

}  // namespace sunder::jupiter
