#pragma once
// A liar: an honest replica behind a mouth that says something else. It knows what the protocol
// knows, has its own keys and no other, and says everything through the protocol's own seals.

#include <deque>
#include <map>

#include "nodes/pbft/faulty/plan.h"
#include "nodes/pbft/faulty/wrapped_runtime.h"
#include "nodes/pbft/node.h"

namespace sunder::pbft {

class Mouth : public WrappedRuntime {
 public:
  Mouth(Runtime& world, const Config& config);
  void send(NodeId target, Message message) override;

  void hear(const Envelope& envelope);  // before the honest part does
  void begin();
  bool on_timer(Timer timer);           // whether it was one of its own

 private:
  Lie lie() const { return plan_.lie_at(view_, sequence_); }
  void note(const Message& message);    // what it tells of views and numbers
  void keep(const Message& message);
  void say(NodeId target, Message message) { world_.send(target, std::move(message)); }
  void lied() { world_.probe(liar_lied); }
  void say_later(Duration delay, NodeId target, Message message);

  Message twisted(NodeId target, const Message& message, Lie lie);
  Message with_wrong_digest(const Message& message);
  Message second_story_of(const Message& message);
  Message forged(const Message& message);
  Message wrong_answer(NodeId target, const Message& message);
  Message false_state(const StateChunk& chunk);
  template <class Vote>
  Message other_vote(const Vote& vote);
  void impersonate(NodeId target, const Message& message);
  template <class Body>
  void say_as_others(NodeId target, const Body& body);
  bool invents(const Message& message) const;
  Message with_invented_request(const Message& message);
  ViewChange forged_view_change(std::int64_t view);
  void replay();
  void force_view_change();
  void attack_by_macs();

  const Plan plan_;
  const Keyring keys_;
  std::int64_t view_ = 0;      // that it last spoke of
  std::int64_t sequence_ = 0;
  Status status_;              // its honest part's
  std::map<std::int64_t, std::int64_t> second_digests_;  // of batches, by the digest of the first
  std::deque<Checkpoint> checkpoints_;                   // its own
  std::deque<Message> heard_;                            // the last ones
  std::map<Timer, std::pair<NodeId, Message>> held_back_;
  std::int64_t poisoned_ = 0;  // requests that it made as a client
  Timer forging_timer_;
};

class Liar : public Node {
 public:
  Liar(Runtime& runtime, const Config& config) : mouth_(runtime, config), honest_(mouth_, config) {}
  void on_start() override {
    mouth_.begin();
    honest_.on_start();
  }
  void on_message(const Envelope& envelope) override {
    mouth_.hear(envelope);
    honest_.on_message(envelope);
  }
  void on_timer(Timer timer) override {
    if (!mouth_.on_timer(timer)) honest_.on_timer(timer);
  }
  NodeStatus status() const override;

 private:
  Mouth mouth_;
  PbftNode honest_;
};

}  // namespace sunder::pbft
