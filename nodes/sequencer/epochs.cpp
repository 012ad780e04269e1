// Who the sequencer is, and which order a majority holds.

#include <algorithm>

#include "nodes/sequencer/node.h"

namespace sunder::sequencer {
namespace {

constexpr std::size_t batch_max = 64;  // entries in one message

}  // namespace

// A sign of life of the sequencer, or of one to be.
void SequencerNode::heard() {
  runtime_.cancel_timer(election_timer_);
  Duration wait = runtime_.rng().between(config_.election_min, 2 * config_.election_min);
  election_timer_ = runtime_.start_timer(wait);
}

void SequencerNode::promise(std::int64_t epoch) {
  promised_ = epoch;
  heard_in_epoch_ = false;
  if (config_.flaws.promise_not_persisted) return;
  ByteWriter out;
  out.number(epoch);
  runtime_.storage().put(promised_key, out.take());
}

// The next epoch that is this node's own.
void SequencerNode::start_election() {
  heard();
  if (role_ == Role::sequencer) return;
  std::int64_t epoch = promised_ + 1;
  while (sequencer_of(epoch) != runtime_.self()) ++epoch;
  promise(epoch);
  role_ = Role::candidate;
  runtime_.trace({.kind = "candidate", .numbers = {{{"epoch", epoch}}}});
  promises_ = {self()};
  barrier();
  for (NodeId peer : runtime_.peers()) {
    if (peer == runtime_.self()) continue;
    runtime_.send(peer,
                  Message(Prepare{epoch, order_.epoch_at(order_.last()), order_.last()}));
  }
  if (promises_.size() >= majority() || config_.flaws.failover_without_majority) {
    become_sequencer();
  }
}

void SequencerNode::on_prepare(NodeId source, const Prepare& prepare) {
  if (prepare.epoch > promised_ && sequencer_of(prepare.epoch) == source) follow(prepare.epoch);
  std::pair theirs{prepare.last_epoch, prepare.last_index};
  std::pair ours{order_.epoch_at(order_.last()), order_.last()};
  bool granted = prepare.epoch == promised_ && theirs >= ours;
  if (granted) heard();
  barrier();
  runtime_.send(source, Message(Promise{promised_, granted}));
}

void SequencerNode::on_promise(NodeId source, const Promise& answer) {
  if (answer.epoch > promised_) {
    follow(answer.epoch);
    barrier();
    return;
  }
  if (role_ != Role::candidate || answer.epoch != promised_ || !answer.granted) return;
  promises_.insert(static_cast<std::size_t>(source.index));
  runtime_.trace({.kind = "counted",
                  .numbers = {{{"epoch", promised_}, {"by", source.index}}}});
  if (promises_.size() >= majority()) become_sequencer();
}

// The entry that opens the epoch makes what is before it countable (invariant 3).
void SequencerNode::become_sequencer() {
  role_ = Role::sequencer;
  heard_in_epoch_ = true;
  runtime_.trace({.kind = "sequencer",
                  .numbers = {{{"epoch", promised_}, {"last", order_.last()}}}});
  for (Progress& progress : progress_) progress = {.next = order_.last() + 1};
  give_place({.node = -1});
}

void SequencerNode::follow(std::int64_t epoch) {
  bool changes = role_ != Role::follower;
  role_ = Role::follower;
  promise(epoch);
  if (changes) heard();
  runtime_.trace({.kind = "follower", .numbers = {{{"epoch", epoch}}}});
}

void SequencerNode::give_place(const Entry& entry) {
  Entry placed = entry;
  placed.epoch = promised_;
  order_.append(placed);
  barrier();  // the own copy is durable before any answer of others comes in
  broadcast();
  if (nodes() == 1) advance_commit();
}

void SequencerNode::broadcast() {
  for (std::size_t peer = 0; peer < nodes(); ++peer) {
    if (peer != self()) send_append(peer);
  }
}

// The next one goes on from here unless an answer says otherwise; a heartbeat begins anew at what
// is known to match.
void SequencerNode::send_append(std::size_t peer) {
  Progress& progress = progress_[peer];
  Append append{.epoch = promised_, .previous_index = progress.next - 1, .commit = commit_};
  append.previous_epoch = order_.epoch_at(append.previous_index);
  for (std::int64_t index = progress.next;
       order_.has(index) && append.entries.size() < batch_max; ++index) {
    append.entries.push_back(order_.at(index));
  }
  runtime_.send(runtime_.peers()[peer], Message(std::move(append)));
}

void SequencerNode::on_append(NodeId source, const Append& append) {
  if (append.epoch < promised_ || sequencer_of(append.epoch) != source) {
    barrier();
    runtime_.send(source, Message(Appended{promised_, false, 0}));
    return;
  }
  if (append.epoch > promised_ || role_ == Role::candidate) follow(append.epoch);
  heard_in_epoch_ = true;
  heard();
  std::int64_t previous = append.previous_index;
  if (previous < 0 || previous > order_.last() ||
      order_.epoch_at(previous) != append.previous_epoch) {
    barrier();
    std::int64_t retry = std::clamp<std::int64_t>(previous - 1, commit_, order_.last());
    runtime_.send(source, Message(Appended{promised_, false, retry}));
    return;
  }
  std::int64_t index = previous;
  for (const Entry& entry : append.entries) {
    ++index;
    if (order_.has(index) && order_.epoch_at(index) == entry.epoch) continue;
    if (index <= commit_) break;  // decided entries are never replaced
    order_.truncate_from(index);
    order_.append(entry);
  }
  barrier();
  runtime_.send(source, Message(Appended{promised_, true, index}));
  commit_ = std::max(commit_, std::min(append.commit, index));
  deliver();
}

void SequencerNode::on_appended(NodeId source, const Appended& appended) {
  if (appended.epoch > promised_) {
    follow(appended.epoch);
    barrier();
    return;
  }
  if (role_ != Role::sequencer || appended.epoch != promised_) return;
  Progress& progress = progress_[static_cast<std::size_t>(source.index)];
  if (!appended.matches) {
    std::int64_t next = std::clamp<std::int64_t>(appended.index + 1, 1, order_.last() + 1);
    if (next <= progress.match || next >= progress.next) return;  // an old answer
    progress.next = next;
    send_append(static_cast<std::size_t>(source.index));
    return;
  }
  progress.match = std::max(progress.match, std::min(appended.index, order_.last()));
  progress.next = std::max(progress.next, progress.match + 1);
  advance_commit();
}

void SequencerNode::advance_commit() {
  std::vector<std::int64_t> held;
  for (std::size_t peer = 0; peer < nodes(); ++peer) {
    held.push_back(peer == self() ? order_.last() : progress_[peer].match);
  }
  std::sort(held.begin(), held.end(), std::greater<>());
  // flaw failover-without-majority: whoever answers is enough.
  std::size_t wanted = config_.flaws.failover_without_majority ? std::min<std::size_t>(2, nodes())
                                                               : majority();
  std::int64_t index = held[wanted - 1];
  if (index <= commit_ || order_.epoch_at(index) != promised_) return;
  commit_ = index;
  deliver();
  broadcast();
}

}  // namespace sunder::sequencer
