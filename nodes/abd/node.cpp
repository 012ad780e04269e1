#include "nodes/abd/node.h"

#include "nodes/kv/bytes.h"

namespace sunder::abd {
namespace {

using registers::Code;
using registers::Reply;
using registers::Request;

constexpr Duration silence = std::chrono::milliseconds(300);

Bytes to_bytes(const Version& version) {
  ByteWriter out;
  out.number(version.tag.number);
  out.number(version.tag.node);
  out.number(version.tag.boot);
  out.number(version.value);
  return out.take();
}

}  // namespace

AbdNode::AbdNode(Runtime& runtime, Config config)
    : runtime_(runtime),
      config_(config),
      store_(runtime.storage()),
      contact_(runtime.peers().size()) {}

void AbdNode::on_start() {
  recover();
  // An answer to a round of an earlier boot must fit none of this one.
  round_ = static_cast<std::int64_t>(runtime_.rng().next() >> 2);
  for (Instant& contact : contact_) contact = runtime_.now();
  runtime_.start_timer(config_.retransmit);
}

void AbdNode::recover() {
  boot_ = registers::count_boot(runtime_.storage());
  runtime_.storage().sync();
  runtime_.trace({.kind = "boot", .numbers = {{{"boot", boot_}}}});
  store_.recover([this](std::int64_t key, ByteReader& record) {
    Version version;
    version.tag.number = record.number();
    version.tag.node = record.number();
    version.tag.boot = record.number();
    version.value = record.number();
    if (!record.ok()) return;
    registers_[key] = version;
    trace_tag("held", version.value, "value", key, version.tag);
  });
}

void AbdNode::on_message(const Envelope& envelope) {
  const Message& message = envelope.message;
  NodeId source = envelope.source;
  if (const auto* request = message.as<Request>()) return on_request(source, *request);
  if (!source.is_node() || static_cast<std::size_t>(source.index) >= contact_.size()) return;
  contact_[static_cast<std::size_t>(source.index)] = runtime_.now();
  if (const auto* query = message.as<Query>()) {
    runtime_.send(source, Message(QueryReply{query->round, held(query->key)}));
  } else if (const auto* store = message.as<Store>()) {
    adopt(store->key, store->version);
    barrier();
    runtime_.send(source, Message(StoreReply{store->round}));
  } else if (const auto* queried = message.as<QueryReply>()) {
    on_query_reply(source, *queried);
  } else if (const auto* stored = message.as<StoreReply>()) {
    on_store_reply(source, *stored);
  }
}

void AbdNode::on_timer(Timer) {
  for (auto at = tasks_.begin(); at != tasks_.end();) {
    auto present = at++;
    if (runtime_.now() - present->second.begun >= config_.give_up) {
      give_up(present);
    } else {
      send_phase(*present);
    }
  }
  runtime_.start_timer(config_.retransmit);
}

NodeStatus AbdNode::status() const { return {.role = "replica", .term = boot_, .ready = true}; }

void AbdNode::on_request(NodeId client, const Request& request) {
  if (request.write && !once_.is_new(client, request.msg_id)) return;
  auto at = tasks_.try_emplace(++round_).first;
  runtime_.trace({.kind = "begin",
                  .numbers = {{{"round", round_}, {"op", request.op}, {"key", request.key}}}});
  Task& task = at->second;
  task.client = client;
  task.request = request;
  task.begun = runtime_.now();
  task.answered.resize(contact_.size());
  if (config_.flaws.volatile_clock && request.write) {
    after_query(at);
    return;
  }
  task.answered[self()] = true;
  task.version = held(request.key);
  send_phase(*at);
  if (complete(task)) after_query(at);
}

void AbdNode::on_query_reply(NodeId source, const QueryReply& reply) {
  auto at = tasks_.find(reply.round);
  if (at == tasks_.end() || at->second.phase != Phase::query) return;
  Task& task = at->second;
  auto from = static_cast<std::size_t>(source.index);
  if (task.answered[from]) return;
  task.answered[from] = true;
  hear(task, reply.version);
  if (complete(task)) after_query(at);
}

void AbdNode::hear(Task& task, const Version& version) {
  if (version.tag == task.version.tag) return;
  task.unanimous = false;
  if (task.version.tag < version.tag) task.version = version;
}

// A majority has told its newest version. A read may end here when all of that majority hold the
// same: every later majority meets it.
void AbdNode::after_query(Tasks::iterator at) {
  Task& task = at->second;
  if (!task.request.write) {
    if (task.unanimous || config_.flaws.read_without_write_back) {
      finish(at);
      return;
    }
    runtime_.probe("a read wrote back");
  } else {
    task.version = {chosen_tag(task), task.request.value};
  }
  task.phase = Phase::store;
  task.answered.assign(contact_.size(), false);
  adopt(task.request.key, task.version);
  task.answered[self()] = true;
  barrier();  // see invariant 2
  send_phase(*at);
  if (complete(task)) finish(at);
}

// Two writes of one boot may have met the same maximum, so the boot's own last number counts too.
Tag AbdNode::chosen_tag(const Task& task) {
  if (config_.flaws.volatile_clock) {
    return {++own_clock_, static_cast<std::int64_t>(self()), boot_};
  }
  std::int64_t& last = last_number_[task.request.key];
  last = std::max(last, task.version.tag.number) + 1;
  if (config_.flaws.tag_without_node) return {last, 0, 0};
  return {last, static_cast<std::int64_t>(self()), boot_};
}

void AbdNode::on_store_reply(NodeId source, const StoreReply& reply) {
  auto at = tasks_.find(reply.round);
  if (at == tasks_.end() || at->second.phase != Phase::store) return;
  Task& task = at->second;
  auto from = static_cast<std::size_t>(source.index);
  if (task.answered[from]) return;
  task.answered[from] = true;
  trace_tag("confirmed", source.index, "by", task.request.key, task.version.tag);
  if (complete(task)) finish(at);
}

bool AbdNode::seems_active(std::size_t node) const {
  return node == self() || runtime_.now() - contact_[node] < silence;
}

bool AbdNode::complete(const Task& task) const {
  std::size_t answers = 0;
  std::size_t wanted = 0;
  for (std::size_t i = 0; i < task.answered.size(); ++i) {
    if (task.answered[i]) ++answers;
    if (seems_active(i) && !task.answered[i]) ++wanted;
  }
  const Flaws& flaws = config_.flaws;
  if (flaws.one_answer_is_enough) return answers >= 1;
  if (flaws.active_replicas_only) return wanted == 0;
  if (flaws.waits_for_all) return answers == task.answered.size();
  if (flaws.partial_write_fails && task.phase == Phase::store) {
    return answers == task.answered.size();
  }
  return answers > task.answered.size() / 2;
}

void AbdNode::adopt(std::int64_t key, const Version& version) {
  bool newer = held(key).tag < version.tag;
  if (!newer && !config_.flaws.set_without_compare) return;
  registers_[key] = version;
  store_.put(key, to_bytes(version));
  trace_tag("stored", version.value, "value", key, version.tag);
}

const Version& AbdNode::held(std::int64_t key) const {
  static const Version nothing;
  auto found = registers_.find(key);
  return found == registers_.end() ? nothing : found->second;
}

void AbdNode::send_phase(const Tasks::value_type& entry) {
  const auto& [round, task] = entry;
  for (NodeId peer : runtime_.peers()) {
    if (task.answered[static_cast<std::size_t>(peer.index)] || peer == runtime_.self()) continue;
    if (task.phase == Phase::query) {
      runtime_.send(peer, Message(Query{round, task.request.key}));
    } else {
      runtime_.send(peer, Message(Store{round, task.request.key, task.version}));
    }
  }
}

// In the first phase nothing was asked for that could take effect. In the second, replicas that
// hold the version make it last, whoever reads it.
void AbdNode::give_up(Tasks::iterator at) {
  const Task& task = at->second;
  bool surely = task.phase == Phase::query || !task.request.write;
  if (config_.flaws.partial_write_fails) surely = true;
  Reply reply{.in_reply_to = task.request.msg_id};
  reply.code = static_cast<std::uint8_t>(surely ? Code::unavailable : Code::aborted);
  runtime_.probe("a quorum did not answer");
  runtime_.send(task.client, Message(std::move(reply)));
  tasks_.erase(at);
}

void AbdNode::finish(Tasks::iterator at) {
  const Task& task = at->second;
  Reply reply{.in_reply_to = task.request.msg_id};
  if (!task.request.write && task.version.tag.number > 0) reply.value = task.version.value;
  // A node that is alone has no other answer to prove its own copy durable.
  if (contact_.size() > 1) {
    trace_tag(task.request.write ? "wrote" : "read", at->first, "round", task.request.key,
              task.version.tag);
  }
  runtime_.send(task.client, Message(std::move(reply)));
  tasks_.erase(at);
}

void AbdNode::barrier() {
  if (!config_.flaws.ack_before_sync) runtime_.storage().sync();
}

void AbdNode::trace_tag(std::string_view kind, std::int64_t first, std::string_view first_name,
                        std::int64_t key, const Tag& tag) {
  runtime_.trace({.kind = kind,
                  .numbers = {{{first_name, first},
                               {"key", key},
                               {"number", tag.number},
                               {"coordinator", tag.node},
                               {"boot", tag.boot}}}});
}

}  // namespace sunder::abd
