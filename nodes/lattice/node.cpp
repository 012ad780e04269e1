#include "nodes/lattice/node.h"

#include <algorithm>

namespace sunder::lattice {
namespace {

constexpr std::size_t entries_max = 64;  // of one key in one message
constexpr std::size_t keys_max = 128;    // in one message
constexpr std::size_t clients_max = 4096;

clock::VectorClock clock_of(const std::vector<std::int64_t>& counts) {
  return clock::VectorClock(counts);
}

Made told(const Entry& entry) {
  return {entry.dot, entry.tag, entry.seen.counts(), entry.past.counts(), entry.time};
}

}  // namespace

ReplicaNode::ReplicaNode(Runtime& runtime, Config config)
    : runtime_(runtime), config_(config), store_(runtime.storage()) {}

void ReplicaNode::on_start() {
  recover();
  runtime_.start_timer(config_.interval);
}

void ReplicaNode::recover() {
  runtime_.trace({.kind = "boot"});
  store_.recover([this](std::int64_t key, const Part& part) { join(key, part, true); });
  for (auto& [key, object] : objects_) {
    if (config_.flaws.own_entry_forgotten) object.forget_own_total(self());
    for (const auto& [dot, entry] : object.entries()) {
      if (dot.node == runtime_.self().index) remember(key, entry);
    }
    trace_object("held", key, object);
  }
  runtime_.trace({.kind = "recovered"});
}

void ReplicaNode::remember(std::int64_t key, const Entry& entry) {
  if (config_.wall_stamps) latest_time_ = std::max(latest_time_, entry.time);
  if (entry.client < 0) return;
  Done& done = done_[entry.client];
  if (done.request < entry.request) done = {entry.request, key, entry.dot};
  // Client numbers grow, so that the lowest has long been retired.
  if (done_.size() > clients_max) done_.erase(done_.begin());
}

void ReplicaNode::on_message(const Envelope& envelope) {
  const Message& message = envelope.message;
  NodeId source = envelope.source;
  if (const auto* request = message.as<Request>()) return on_request(source, *request);
  if (!source.is_node() || source.index >= std::ssize(runtime_.peers())) return;
  if (const auto* parts = message.as<Parts>()) return on_parts(*parts);
  if (const auto* digest = message.as<Digest>()) return on_digest(source, *digest);
}

void ReplicaNode::on_timer(Timer) {
  runtime_.start_timer(config_.interval);
  send_digest();
}

void ReplicaNode::on_request(NodeId client, const Request& request) {
  auto kind = static_cast<Kind>(request.kind);
  auto verb = static_cast<Verb>(request.verb);
  if (kind > Kind::mv_register || verb > Verb::write) return;
  auto found = objects_.find(request.key);
  if (found != objects_.end() && found->second.kind() != kind) {
    runtime_.send(client, Message(Reply{.in_reply_to = request.msg_id, .refused = true}));
  } else if (is_update(verb)) {
    if (found == objects_.end()) found = objects_.try_emplace(request.key, kind).first;
    make_update(client, request, found->second);
  } else {
    answer_read(client, request, found == objects_.end() ? nullptr : &found->second);
  }
}

void ReplicaNode::make_update(NodeId client, const Request& request, Object& object) {
  auto done = done_.find(client.index);
  if (done != done_.end() && request.msg_id <= done->second.request &&
      !config_.flaws.applied_again) {
    auto entry = object.entries().find(done->second.dot);
    bool answered = request.msg_id < done->second.request || request.key != done->second.key;
    if (answered || entry == object.entries().end()) return;
    runtime_.probe("a retry was answered without a second update");
    answer_update(client, request, object, entry->second);
    return;
  }
  Update wanted{.verb = static_cast<Verb>(request.verb),
                .value = request.value,
                .tag = request.tag,
                .past = clock_of(request.past),
                .client = client.index,
                .request = request.msg_id};
  clock::VectorClock context = object.context();
  clock::VectorClock listed = object.listed();
  const Entry& entry =
      object.update(wanted, next_dot(request.key, object), next_time(), now(), config_.flaws);
  remember(request.key, entry);
  trace_object("update", request.key, object, entry.dot.count, request.op);
  Part part = object.since(context, listed, entries_max);
  store_.add(request.key, part);
  barrier();
  if (config_.push) push(request.key, part);
  answer_update(client, request, object, entry);
  maybe_compact();
}

clock::Dot ReplicaNode::next_dot(std::int64_t key, const Object& object) {
  std::int64_t node = runtime_.self().index;
  if (config_.flaws.clock_forgotten) return {node, ++counts_of_boot_[key]};
  return {node, object.context().at(self()) + 1};
}

// Above all stamps seen, where the clock is hybrid, with its logical part folded into the
// nanoseconds; else only above the node's own, so that no two of its writes have one.
std::int64_t ReplicaNode::next_time() {
  std::int64_t wall = runtime_.wall_now().time_since_epoch().count();
  latest_time_ = std::max(wall, latest_time_ + 1);
  return latest_time_;
}

void ReplicaNode::answer_update(NodeId client, const Request& request, const Object& object,
                                const Entry& entry) {
  runtime_.send(client, Message(Reply{.in_reply_to = request.msg_id,
                                      .answer = object.answer(),
                                      .context = object.context_of_readers().counts(),
                                      .made = {told(entry)}}));
}

void ReplicaNode::answer_read(NodeId client, const Request& request, const Object* object) {
  auto kind = static_cast<Kind>(request.kind);
  Object nothing(kind);
  if (object == nullptr) object = &nothing;
  Reply reply{.in_reply_to = request.msg_id};
  if (static_cast<Verb>(request.verb) == Verb::log) {
    for (const auto& [dot, entry] : object->entries()) {
      if (!entry.tag.empty()) reply.made.push_back(told(entry));
    }
  } else {
    reply.answer = object->answer();
    reply.seen = object->context().counts();
    reply.context = object->context_of_readers().counts();
  }
  runtime_.send(client, Message(std::move(reply)));
}

bool ReplicaNode::join(std::int64_t key, const Part& part, bool durable) {
  auto [at, fresh] = objects_.try_emplace(key, part.kind);
  if (config_.flaws.no_comparison && !fresh && !durable) return false;
  Object& object = at->second;
  if (!config_.wall_stamps) latest_time_ = std::max(latest_time_, latest_time(part));
  Part copied = part;
  if (config_.flaws.text_ids) {
    if (auto* siblings = std::get_if<Siblings>(&copied.state)) siblings->use_text_ids();
  }
  if (!object.join(copied, now(), config_.flaws)) return false;
  if (durable) return true;
  store_.add(key, part);
  trace_object("joined", key, object);
  return true;
}

void ReplicaNode::on_parts(const Parts& message) {
  bool news = false;
  for (const KeyPart& one : message.parts) {
    NumberReader in(one.part);
    Part part = Part::get(in);
    if (in.ok() && in.at_end() && join(one.key, part, false)) news = true;
  }
  if (!news) return;
  barrier();
  maybe_compact();
}

void ReplicaNode::push(std::int64_t key, const Part& part) {
  NumberWriter out;
  part.put(out);
  Message message(Parts{{{key, out.take()}}});
  for (NodeId peer : runtime_.peers()) {
    if (peer != runtime_.self()) runtime_.send(peer, message);
  }
}

void ReplicaNode::send_digest() {
  std::size_t peers = runtime_.peers().size();
  if (peers < 2 || config_.flaws.sent_once) return;
  std::size_t peer = runtime_.rng().below(peers - 1);
  if (peer >= self()) ++peer;
  Digest digest = digest_from(digest_from_);
  digest_from_ = digest.last == INT64_MAX ? INT64_MIN : digest.last + 1;
  runtime_.send(runtime_.peers()[peer], Message(std::move(digest)));
}

Digest ReplicaNode::digest_from(std::int64_t first) const {
  Digest digest{.first = first, .last = INT64_MAX};
  for (auto at = objects_.lower_bound(first); at != objects_.end(); ++at) {
    if (digest.keys.size() == keys_max) {
      digest.last = at->first - 1;
      break;
    }
    const Object& object = at->second;
    digest.keys.push_back({at->first, object.context().counts(), object.listed().counts()});
  }
  return digest;
}

// Sends what the other lacks, and asks for what it has more of by a digest of the same keys.
void ReplicaNode::on_digest(NodeId source, const Digest& digest) {
  std::map<std::int64_t, const KeyContext*> theirs;
  bool behind = false;
  for (const KeyContext& one : digest.keys) {
    theirs[one.key] = &one;
    auto found = objects_.find(one.key);
    behind = behind || found == objects_.end() ||
             !found->second.context().covers(clock_of(one.context)) ||
             !found->second.listed().covers(clock_of(one.listed));
  }
  Parts parts;
  Digest own{.first = digest.first, .last = digest.last, .answer = true};
  for (auto at = objects_.lower_bound(digest.first);
       at != objects_.end() && at->first <= digest.last; ++at) {
    const Object& object = at->second;
    if (own.keys.size() < keys_max) {
      own.keys.push_back({at->first, object.context().counts(), object.listed().counts()});
    }
    auto found = theirs.find(at->first);
    static const KeyContext nothing;
    const KeyContext& other = found == theirs.end() ? nothing : *found->second;
    clock::VectorClock context = clock_of(other.context);
    clock::VectorClock listed = clock_of(other.listed);
    bool ahead = !context.covers(object.context()) || !listed.covers(object.listed());
    if (!ahead || parts.parts.size() == keys_max) continue;
    NumberWriter out;
    object.since(context, listed, entries_max).put(out);
    parts.parts.push_back({at->first, out.take()});
  }
  if (!parts.parts.empty()) {
    runtime_.probe("anti-entropy sent parts");
    runtime_.send(source, Message(std::move(parts)));
  }
  if (behind && !digest.answer) runtime_.send(source, Message(std::move(own)));
}

void ReplicaNode::maybe_compact() {
  if (store_.added() >= config_.compact_every && !config_.flaws.ack_before_sync) {
    store_.compact(objects_);
  }
}

void ReplicaNode::barrier() {
  if (!config_.flaws.ack_before_sync) runtime_.storage().sync();
}

void ReplicaNode::trace_object(std::string_view kind, std::int64_t key, const Object& object,
                               std::int64_t count, std::int64_t op) {
  runtime_.trace({.kind = kind,
                  .numbers = {{{"key", key},
                               {"state", static_cast<std::int64_t>(object.fingerprint())},
                               {"count", count},
                               {"op", op}}},
                  .text = to_string(object.context())});
}

}  // namespace sunder::lattice
