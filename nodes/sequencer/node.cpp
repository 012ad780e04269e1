#include "nodes/sequencer/node.h"

#include "harness/core/digest.h"
#include "nodes/register/key_store.h"

namespace sunder::sequencer {
namespace {

using registers::Code;
using registers::Reply;
using registers::Request;

constexpr std::string_view commit_key = "commit";

std::int64_t stored_number(const Storage& storage, std::string_view key) {
  const Bytes* saved = storage.get(key);
  return saved == nullptr ? 0 : ByteReader(*saved).number();
}

std::uint64_t part(std::int64_t key, std::int64_t value) {
  Digest digest;
  digest.add(static_cast<std::uint64_t>(key));
  digest.add(static_cast<std::uint64_t>(value));
  return digest.value();
}

std::int64_t word_of(const Entry& entry) {
  Digest digest;
  for (std::int64_t number : {entry.epoch, entry.node, entry.boot, entry.number, entry.key,
                              entry.value}) {
    digest.add(static_cast<std::uint64_t>(number));
  }
  return static_cast<std::int64_t>(digest.value());
}

// What a session has seen, as one index of the order.
std::int64_t needed_index(const Request& request) {
  return request.needs.empty() ? 0 : request.needs.front();
}

}  // namespace

SequencerNode::SequencerNode(Runtime& runtime, Config config)
    : runtime_(runtime),
      config_(config),
      order_(runtime.storage()),
      progress_(runtime.peers().size()) {}

void SequencerNode::on_start() {
  recover();
  heard();
  heartbeat_timer_ = runtime_.start_timer(config_.heartbeat);
}

void SequencerNode::recover() {
  Storage& storage = runtime_.storage();
  boot_ = registers::count_boot(storage);
  storage.sync();
  order_.recover();
  promised_ = std::max(stored_number(storage, promised_key), order_.epoch_at(order_.last()));
  commit_ = std::min(stored_number(storage, commit_key), order_.last());
  while (delivered_ < commit_) execute(order_.at(++delivered_));
  runtime_.trace({.kind = "boot",
                  .numbers = {{{"promised", promised_}, {"delivered", delivered_},
                               {"last", order_.last()}}}});
}

void SequencerNode::on_message(const Envelope& envelope) {
  const Message& message = envelope.message;
  NodeId source = envelope.source;
  if (const auto* request = message.as<Request>()) return on_request(source, *request);
  if (!source.is_node() || static_cast<std::size_t>(source.index) >= nodes()) return;
  if (const auto* append = message.as<Append>()) return on_append(source, *append);
  if (const auto* appended = message.as<Appended>()) return on_appended(source, *appended);
  if (const auto* submit = message.as<Submit>()) return on_submit(submit->entry);
  if (const auto* submitted = message.as<Submitted>()) return on_submitted(*submitted);
  if (const auto* prepare = message.as<Prepare>()) return on_prepare(source, *prepare);
  if (const auto* promise = message.as<Promise>()) return on_promise(source, *promise);
}

void SequencerNode::on_timer(Timer timer) {
  if (timer == election_timer_) {
    start_election();
  } else if (timer == heartbeat_timer_) {
    heartbeat_timer_ = runtime_.start_timer(config_.heartbeat);
    if (role_ == Role::sequencer) broadcast();
    give_up_old();
  }
}

NodeStatus SequencerNode::status() const {
  std::string role = role_ == Role::sequencer   ? "leader"
                     : role_ == Role::candidate ? "candidate"
                                                : "follower";
  bool ready = role_ == Role::sequencer ? order_.epoch_at(commit_) == promised_ : heard_in_epoch_;
  return {.role = std::move(role), .term = promised_, .ready = ready};
}

NodeId SequencerNode::sequencer_of(std::int64_t epoch) const {
  return runtime_.peers()[static_cast<std::size_t>(epoch) % nodes()];
}

void SequencerNode::on_request(NodeId client, const Request& request) {
  if (!request.write) {
    if (delivered_ >= needed_index(request)) return serve_read(client, request);
    runtime_.probe("a read waited for its session's index");
    delayed_.push_back({client, request, runtime_.now()});
    return;
  }
  if (!once_.is_new(client, request.msg_id)) return;
  Entry entry{.node = static_cast<std::int64_t>(self()),
              .boot = boot_,
              .number = ++number_,
              .key = request.key,
              .value = request.value};
  waiting_[number_] = {client, request, runtime_.now()};
  runtime_.trace({.kind = "submit", .numbers = {{{"boot", boot_}, {"number", number_},
                                                 {"op", request.op}}}});
  if (config_.flaws.queue_per_node) {
    registers_[entry.key] = entry.value;
    answer_write(number_, Code::ok);
  }
  if (role_ == Role::sequencer) {
    give_place(entry);
  } else if (heard_in_epoch_) {
    runtime_.send(sequencer_of(promised_), Message(Submit{entry}));
  } else {
    answer_write(number_, Code::unavailable);  // nobody was asked
  }
}

void SequencerNode::on_submit(const Entry& entry) {
  if (role_ != Role::sequencer) return;
  if (entry.node < 0 || entry.node >= static_cast<std::int64_t>(nodes())) return;
  give_place(entry);
  if (config_.flaws.ack_before_delivery) {
    runtime_.send(runtime_.peers()[static_cast<std::size_t>(entry.node)],
                  Message(Submitted{entry.boot, entry.number}));
  }
}

void SequencerNode::on_submitted(const Submitted& submitted) {
  if (submitted.boot == boot_) answer_write(submitted.number, Code::ok);
}

// What it shows is durable before the reply leaves: see invariant 1.
void SequencerNode::serve_read(NodeId client, const Request& request) {
  Reply reply{.in_reply_to = request.msg_id, .sequence = delivered_};
  if (auto found = registers_.find(request.key); found != registers_.end()) {
    reply.value = found->second;
  }
  runtime_.send(client, Message(std::move(reply)));
}

void SequencerNode::answer_write(std::int64_t number, Code code) {
  auto found = waiting_.find(number);
  if (found == waiting_.end()) return;
  Reply reply{.in_reply_to = found->second.request.msg_id, .sequence = delivered_};
  reply.code = static_cast<std::uint8_t>(code);
  runtime_.send(found->second.client, Message(std::move(reply)));
  waiting_.erase(found);
}

// A client hears of its write when its own replica has delivered it, so that its next read there
// shows it.
void SequencerNode::deliver() {
  if (delivered_ >= commit_) return;
  std::int64_t first = delivered_ + 1;
  while (delivered_ < commit_) {
    execute(order_.at(++delivered_));
    trace_delivered();
  }
  if (!config_.flaws.commit_not_persisted) {
    ByteWriter out;
    out.number(commit_);
    runtime_.storage().put(commit_key, out.take());
  }
  barrier();
  for (std::int64_t index = first; index <= delivered_; ++index) {
    const Entry& entry = order_.at(index);
    bool own = entry.node == static_cast<std::int64_t>(self()) && entry.boot == boot_;
    if (own) answer_write(entry.number, Code::ok);
  }
  serve_delayed();
}

// A doubled submission has two places, and only the first counts. One that was overtaken by a later
// one of its node is dropped with it, everywhere.
void SequencerNode::execute(const Entry& entry) {
  if (entry.node < 0) return;
  std::pair name{entry.boot, entry.number};
  auto [last, fresh] = executed_.try_emplace(entry.node, name);
  if (!fresh && name <= last->second) {
    runtime_.probe("a submission was doubled or overtaken");
    bool own = entry.node == static_cast<std::int64_t>(self()) && entry.boot == boot_;
    if (own) answer_write(entry.number, Code::aborted);
    return;
  }
  last->second = name;
  bool shown_before = config_.flaws.queue_per_node &&
                      entry.node == static_cast<std::int64_t>(self()) && entry.boot == boot_;
  auto [at, created] = registers_.try_emplace(entry.key, entry.value);
  if (!created) state_ -= part(entry.key, at->second);
  if (!shown_before) at->second = entry.value;
  state_ += part(entry.key, at->second);
}

// A node that is alone has nobody whose answers prove its own copy durable.
void SequencerNode::trace_delivered() {
  if (nodes() == 1) return;
  const Entry& entry = order_.at(delivered_);
  runtime_.trace({.kind = "deliver",
                  .numbers = {{{"index", delivered_},
                               {"word", word_of(entry)},
                               {"state", static_cast<std::int64_t>(state_)},
                               {"origin", entry.node},
                               {"number", entry.number}}}});
}

void SequencerNode::give_up_old() {
  Code code = config_.flaws.rejected_may_apply ? Code::unavailable : Code::aborted;
  while (!waiting_.empty() &&
         runtime_.now() - waiting_.begin()->second.since >= config_.give_up) {
    runtime_.probe("a write was given up");
    answer_write(waiting_.begin()->first, code);
  }
  std::erase_if(delayed_, [this](const Waiting& read) {
    return runtime_.now() - read.since >= config_.give_up;  // the client asks elsewhere
  });
}

void SequencerNode::serve_delayed() {
  std::vector<Waiting> before;
  before.swap(delayed_);
  for (Waiting& read : before) {
    if (delivered_ >= needed_index(read.request)) {
      serve_read(read.client, read.request);
    } else {
      delayed_.push_back(std::move(read));
    }
  }
}

void SequencerNode::barrier() {
  if (!config_.flaws.no_sync) runtime_.storage().sync();
}

}  // namespace sunder::sequencer
