#include "nodes/pbft/node.h"

#include <algorithm>

#include "harness/core/assert.h"

namespace sunder::pbft {
namespace {

constexpr std::string_view view_key = "view";
constexpr Duration tick = std::chrono::milliseconds(50);
constexpr std::int64_t ticks_a_status = 2;
constexpr Duration fresh = std::chrono::seconds(1);  // a status tells where others stand

}  // namespace

PbftNode::PbftNode(Runtime& runtime, Config config)
    : runtime_(runtime),
      config_(config),
      self_(runtime.self()),
      count_(runtime.peers().size()),
      faults_(faults_of(count_)),
      quorum_(config.flaws.quorum_of_three_f ? 2 * faults_ + 1 : quorum_of(count_)),
      keys_(self_, count_),
      null_digest_(digest_of(Batch{})),
      log_(runtime.storage(), count_),
      checkpoint_votes_(count_),
      statuses_(count_),
      heard_(count_, at_start - fresh) {}

NodeId PbftNode::primary_of(std::int64_t view) const {
  return NodeId::node(static_cast<std::int32_t>(view % static_cast<std::int64_t>(count_)));
}

bool PbftNode::in_window(std::int64_t sequence) const {
  return sequence > stable_ && sequence <= stable_ + window();
}

void PbftNode::on_start() {
  recover();
  view_since_ = runtime_.now();
  tick_timer_ = runtime_.start_timer(tick);
  if (!active_) send_view_change({});
  send_status();
}

void PbftNode::recover() {
  Storage& storage = runtime_.storage();
  if (const Bytes* saved = storage.get(view_key)) {
    ByteReader in(*saved);
    view_ = in.number();
    active_ = in.number() != 0;
    if (in.number() != 0) unpack(in, new_view_.emplace());
    ASSERT_MSG(in.ok(), "the stored view cannot be read");
  }
  recover_states();
  log_.recover(stable_, view_);
  recover_votes();
  next_ = std::max(executed_, log_.last()) + 1;
  runtime_.trace({.kind = "boot",
                  .numbers = {{{"sequence", executed_},
                               {"view", view_},
                               {"state", static_cast<std::int64_t>(service_.digest())}}}});
  for (const Certificate& own : log_.prepared()) {
    runtime_.trace({.kind = "recovered",
                    .numbers = {{{"sequence", own.sequence},
                                 {"view", own.view},
                                 {"digest", own.digest}}}});
  }
}

void PbftNode::save_view() {
  if (config_.flaws.votes_not_persisted) return;
  ByteWriter out;
  out.number(view_);
  out.number(active_ ? 1 : 0);
  pack(out, new_view_);
  runtime_.storage().put(view_key, out.take());
}

// They were durable before anybody heard them.
void PbftNode::recover_votes() {
  for (auto& [sequence, slot] : log_.slots()) {
    bool prepares = slot.accepted && primary_of(view_) != self_;
    if (prepares) slot.prepares[index_of(self_)] = {slot.view, slot.digest};
    if (slot.prepared) {
      slot.commits[index_of(self_)] = {slot.prepared->view, slot.prepared->digest};
    }
  }
}

void PbftNode::barrier() { runtime_.storage().sync(); }

void PbftNode::on_message(const Envelope& envelope) {
  if (halted_) return;
  const Message& message = envelope.message;
  NodeId source = envelope.source;
  if (const auto* commit = message.as<Sealed<Commit>>()) return open(*commit, &PbftNode::on_commit);
  if (const auto* vote = message.as<Sealed<Prepare>>()) return open(*vote, &PbftNode::on_prepare);
  if (const auto* first = message.as<Sealed<PrePrepare>>()) return on_pre_prepare(*first);
  if (const auto* request = message.as<Request>()) return on_request(source, *request);
  if (const auto* status = message.as<Sealed<Status>>()) return open(*status, &PbftNode::on_status);
  if (const auto* own = message.as<Sealed<Checkpoint>>()) {
    return open(*own, &PbftNode::on_checkpoint);
  }
  if (const auto* change = message.as<Sealed<ViewChange>>()) return on_view_change(*change);
  if (const auto* view = message.as<Sealed<NewView>>()) return on_new_view(*view);
  if (!source.is_node()) return;
  if (const auto* fetch = message.as<FetchBatch>()) return on_fetch_batch(source, *fetch);
  if (const auto* body = message.as<BatchBody>()) return on_batch_body(*body);
  if (const auto* fetch = message.as<FetchState>()) return on_fetch_state(source, *fetch);
  if (const auto* chunk = message.as<StateChunk>()) return on_state_chunk(source, *chunk);
}

void PbftNode::to_all(const Message& message, bool self) {
  for (NodeId peer : runtime_.peers()) {
    if (self || peer != self_) runtime_.send(peer, message);
  }
}

void PbftNode::on_timer(Timer timer) {
  if (halted_) return;
  if (timer == batch_timer_) {
    batch_timer_ = {};
    if (is_primary()) propose(true);
  }
  if (timer == tick_timer_) on_tick();
}

void PbftNode::on_tick() {
  tick_timer_ = runtime_.start_timer(tick);
  if (++ticks_ % ticks_a_status == 0) {
    stalled_ = executed_ == executed_at_tick_;
    executed_at_tick_ = executed_;
    send_status();
    if (!active_) send_view_change({});
  }
  for (auto& [sequence, slot] : log_.slots()) {
    if (slot.awaits_batch) fetch_batch(sequence, slot.digest);
  }
  execute_committed();
  ask_for_state();
  check_timeouts();
}

// A replica that waits alone for a view that the others have no need of still learns what they do,
// and its clients are served by them: where f + 1 go on, one of them is correct, and will accuse
// its primary if they are not.
NodeStatus PbftNode::status() const {
  std::size_t going_on = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    if (runtime_.now() < heard_[i] + fresh && statuses_[i].active) ++going_on;
  }
  bool ready = active_ || going_on > faults_;
  std::string role = is_primary() ? "primary" : active_ ? "backup" : "view-change";
  return {.role = std::move(role), .term = view_, .ready = ready && !halted_};
}

}  // namespace sunder::pbft
