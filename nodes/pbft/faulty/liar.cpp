#include "nodes/pbft/faulty/liar.h"

#include <algorithm>

namespace sunder::pbft {
namespace {

constexpr std::size_t heard_max = 256;       // messages kept for a replay
constexpr std::size_t checkpoints_max = 4;
constexpr Duration forging = std::chrono::milliseconds(100);
// The second story comes to the others too, when the first has been taken.
constexpr Duration afterthought = std::chrono::milliseconds(3);
constexpr std::int64_t flipped = 1;          // makes another digest of one

}  // namespace

Mouth::Mouth(Runtime& world, const Config& config)
    : WrappedRuntime(world),
      plan_(config, world.peers().size()),
      keys_(world.self(), world.peers().size()) {}

void Mouth::begin() { forging_timer_ = world_.start_timer(forging); }

void Mouth::note(const Message& message) {
  auto at = [&](std::int64_t view, std::int64_t sequence) {
    view_ = view;
    sequence_ = sequence;
  };
  if (const auto* first = message.as<Sealed<PrePrepare>>()) {
    at(first->body.view, first->body.sequence);
    second_digests_[first->body.digest] = digest_of(second_story(first->body.batch));
    if (second_digests_.size() > heard_max) second_digests_.erase(second_digests_.begin());
  }
  if (const auto* vote = message.as<Sealed<Prepare>>()) at(vote->body.view, vote->body.sequence);
  if (const auto* vote = message.as<Sealed<Commit>>()) at(vote->body.view, vote->body.sequence);
}

void Mouth::keep(const Message& message) {
  heard_.push_back(message);
  if (heard_.size() > heard_max) heard_.pop_front();
}

void Mouth::hear(const Envelope& envelope) {
  if (const auto* first = envelope.message.as<Sealed<PrePrepare>>()) {
    if (plan_.is_liar(first->sender)) note(envelope.message);
  }
  keep(envelope.message);
}

void Mouth::send(NodeId target, Message message) {
  if (const auto* own = message.as<Sealed<Status>>()) status_ = own->body;
  if (const auto* own = message.as<Sealed<Checkpoint>>()) {
    bool known = !checkpoints_.empty() && checkpoints_.back() == own->body;
    if (!known) checkpoints_.push_back(own->body);
    if (checkpoints_.size() > checkpoints_max) checkpoints_.pop_front();
  }
  if (target == self()) return say(target, std::move(message));  // a liar knows the truth
  note(message);
  keep(message);
  Lie now = lie();
  switch (now) {
    case Lie::silence: return lied();
    case Lie::delay:
      lied();
      return say_later(plan_.delay(), target, std::move(message));
    case Lie::replay:
      say(target, std::move(message));
      if (rng().chance({1, 4})) replay();
      return;
    case Lie::mac_attack:  // nobody must be well served by it either
      if (message.as<Sealed<PrePrepare>>() == nullptr) say(target, std::move(message));
      return;
    case Lie::impersonate:
      if (invents(message)) {
        lied();
        return say(target, with_invented_request(message));
      }
      impersonate(target, message);
      [[fallthrough]];
    default: {
      Message other = twisted(target, message, now);
      if (!(other == message)) lied();
      say(target, std::move(other));
    }
  }
  bool two_stories = now == Lie::equivocate && message.as<Sealed<PrePrepare>>() != nullptr;
  if (two_stories && plan_.story_for(target) == 0 && !plan_.is_faulty(target)) {
    say_later(afterthought, target, second_story_of(message));
  }
}

void Mouth::say_later(Duration delay, NodeId target, Message message) {
  held_back_.emplace(world_.start_timer(delay), std::pair(target, std::move(message)));
}

bool Mouth::on_timer(Timer timer) {
  if (timer == forging_timer_) {
    forging_timer_ = world_.start_timer(forging);
    if (lie() == Lie::forged_view_change) force_view_change();
    if (lie() == Lie::mac_attack) attack_by_macs();
    return true;
  }
  auto held = held_back_.find(timer);
  if (held == held_back_.end()) return false;
  auto [target, message] = std::move(held->second);
  held_back_.erase(held);
  say(target, std::move(message));
  return true;
}

void Mouth::force_view_change() {
  lied();
  Message message(signed_by(keys_, forged_view_change(status_.view + 1)));
  for (NodeId peer : peers()) {
    if (peer != self()) say(peer, message);
  }
}

// As a client, with its own keys: each replica gets a request that only it can believe.
void Mouth::attack_by_macs() {
  lied();
  Request request{.client = self(),
                  .timestamp = ++poisoned_,
                  .command = {.verb = static_cast<std::uint8_t>(KvVerb::read)}};
  std::vector<Mac> macs = keys_.authenticator(signed_bytes(request));
  for (NodeId peer : peers()) {
    if (peer == self()) continue;
    auto place = static_cast<std::size_t>(peer.index);
    request.macs.assign(macs.size(), 0);
    request.macs[place] = macs[place];
    say(peer, Message(request));
  }
}

void Mouth::replay() {
  std::uint64_t which = rng().below(heard_.size());
  std::uint64_t whom = rng().below(peers().size());
  if (peers()[whom] == self()) return;
  lied();
  say(peers()[whom], heard_[which]);
}

Message Mouth::twisted(NodeId target, const Message& message, Lie lie) {
  bool second = target.is_node() && plan_.story_for(target) == 1;
  switch (lie) {
    case Lie::wrong_digest: return with_wrong_digest(message);
    case Lie::forged_view_change: return forged(message);
    case Lie::wrong_reply: return wrong_answer(target, message);
    case Lie::equivocate:
    case Lie::impersonate:
      if (!target.is_node()) return wrong_answer(target, message);
      return second ? second_story_of(message) : message;
    default: return message;
  }
}

Message Mouth::with_wrong_digest(const Message& message) {
  auto twist = [&](auto body) {
    body.digest ^= flipped;
    return Message(authenticated(keys_, std::move(body)));
  };
  if (const auto* own = message.as<Sealed<PrePrepare>>()) return twist(own->body);
  if (const auto* own = message.as<Sealed<Prepare>>()) return twist(own->body);
  if (const auto* own = message.as<Sealed<Commit>>()) return twist(own->body);
  if (const auto* own = message.as<Sealed<Checkpoint>>()) return twist(own->body);
  return message;
}

// For what another liar proposed, the vote that belongs to its second story.
template <class Vote>
Message Mouth::other_vote(const Vote& vote) {
  Vote other = vote;
  auto known = second_digests_.find(vote.digest);
  other.digest = known == second_digests_.end() ? vote.digest ^ flipped : known->second;
  return Message(authenticated(keys_, other));
}

Message Mouth::second_story_of(const Message& message) {
  if (const auto* own = message.as<Sealed<PrePrepare>>()) {
    PrePrepare other = own->body;
    other.batch = second_story(other.batch);
    other.digest = digest_of(other.batch);
    return Message(authenticated(keys_, std::move(other)));
  }
  if (const auto* own = message.as<Sealed<Prepare>>()) return other_vote(own->body);
  if (const auto* own = message.as<Sealed<Commit>>()) return other_vote(own->body);
  return message;
}

Message Mouth::wrong_answer(NodeId target, const Message& message) {
  if (const auto* own = message.as<Sealed<Reply>>()) {
    Reply other = false_reply(own->body);
    Mac mac = keys_.mac(target, sealed_bytes(self(), other));
    return Message(Sealed<Reply>{self(), std::move(other), {mac}});
  }
  if (const auto* own = message.as<StateChunk>()) return false_state(*own);
  if (const auto* own = message.as<BatchBody>()) {
    return Message(BatchBody{own->sequence, second_story(own->batch)});
  }
  return message;
}

// As if one write more had been executed: a state that can be installed, but not the one that was
// agreed on.
Message Mouth::false_state(const StateChunk& chunk) {
  Service service;
  bool whole = static_cast<std::int64_t>(chunk.data.size()) == chunk.size;
  if (!whole || !service.restore(std::string(chunk.data.begin(), chunk.data.end()))) {
    return Message(chunk);
  }
  Request invented{.client = self(),
                   .timestamp = chunk.sequence,
                   .command = {.verb = static_cast<std::uint8_t>(KvVerb::write), .value = -1}};
  service.execute(invented);
  std::string bytes = service.snapshot();
  StateChunk other = chunk;
  other.data.assign(bytes.begin(), bytes.end());
  other.size = static_cast<std::int64_t>(bytes.size());
  return Message(std::move(other));
}

// Votes in the names of all others, which only those believe who do not look at seals.
void Mouth::impersonate(NodeId target, const Message& message) {
  if (!target.is_node()) return;
  bool second = plan_.story_for(target) == 1;
  Message own = second ? second_story_of(message) : message;
  if (const auto* first = own.as<Sealed<PrePrepare>>()) {
    say_as_others(target, Prepare{first->body.view, first->body.sequence, first->body.digest});
    say_as_others(target, Commit{first->body.view, first->body.sequence, first->body.digest});
  }
  if (const auto* vote = own.as<Sealed<Prepare>>()) say_as_others(target, vote->body);
  if (const auto* vote = own.as<Sealed<Commit>>()) say_as_others(target, vote->body);
}

template <class Body>
void Mouth::say_as_others(NodeId target, const Body& body) {
  for (NodeId other : peers()) {
    if (other == self() || other == target) continue;
    Sealed<Body> false_one = authenticated(keys_, body);
    false_one.sender = other;
    say(target, Message(std::move(false_one)));
  }
}

// Every now and then it proposes what no client asked for.
bool Mouth::invents(const Message& message) const {
  const auto* first = message.as<Sealed<PrePrepare>>();
  return first != nullptr && first->body.sequence % 4 == 3 && !first->body.batch.empty();
}

Message Mouth::with_invented_request(const Message& message) {
  PrePrepare other = message.as<Sealed<PrePrepare>>()->body;
  Request invented = other.batch.back();
  invented.timestamp += 1'000'000;
  invented.op = -1;
  invented.command = {.verb = static_cast<std::uint8_t>(KvVerb::write), .value = -1};
  invented.signature = keys_.sign(signed_bytes(invented));
  other.batch.push_back(invented);
  other.digest = digest_of(other.batch);
  return Message(authenticated(keys_, std::move(other)));
}

// What was prepared is forgotten, and what was not is claimed.
ViewChange Mouth::forged_view_change(std::int64_t view) {
  ViewChange own{.view = view, .stable = status_.stable};
  own.checkpoints.assign(checkpoints_.begin(), checkpoints_.end());
  std::int64_t last = std::min(status_.executed + 8, status_.stable + 32);
  for (std::int64_t sequence = status_.stable + 1; sequence <= last; ++sequence) {
    Certificate claim{sequence, digest_of(Batch{}), view - 1};
    own.prepared.push_back(claim);
    own.pre_prepared.push_back(claim);
  }
  return own;
}

Message Mouth::forged(const Message& message) {
  if (const auto* own = message.as<Sealed<ViewChange>>()) {
    ViewChange other = forged_view_change(own->body.view);
    other.stable = own->body.stable;
    other.checkpoints = own->body.checkpoints;
    std::erase_if(other.prepared, [&](const auto& p) { return p.sequence <= other.stable; });
    std::erase_if(other.pre_prepared, [&](const auto& q) { return q.sequence <= other.stable; });
    return Message(signed_by(keys_, std::move(other)));
  }
  if (const auto* own = message.as<Sealed<NewView>>()) {
    NewView other = own->body;
    for (Checkpoint& chosen : other.chosen) chosen.digest = digest_of(Batch{});
    return Message(signed_by(keys_, std::move(other)));
  }
  return message;
}

// Whoever waits for a cluster to be ready does not wait for its liars.
NodeStatus Liar::status() const {
  NodeStatus status = honest_.status();
  status.ready = true;
  return status;
}

}  // namespace sunder::pbft
