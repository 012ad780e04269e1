#pragma once
// The configuration service: who makes up the chain, and who holds a lease. Every node has a member
// of the Raft group in which configurations are decided; the member that leads it answers.
//
// Configurations stand in a log object of Raft's state machine, in the order proposed. One counts
// when its epoch follows that of the one before which counted, so that of two leaders who replace
// the same configuration the second changes nothing.
//
// Why no two epochs are served at once: a lease runs from when its holder asked, and is granted
// only by a read of the configuration that Raft confirms after that. So all leases of an epoch,
// whoever granted them, have expired one lease and the drift of two clocks after the next epoch was
// decided, and all that earlier leaders granted so long after a later one began. A leader grants
// leases of an epoch when no node can hold one of an older epoch: because it has said so, because
// this leader has known the epoch for so long, or because it has led for so long and has granted
// the node none.

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "nodes/chain/config.h"
#include "nodes/chain/configuration.h"
#include "nodes/chain/messages.h"
#include "nodes/raft/node.h"

namespace sunder::chain {

/// What a Raft member sees of its node. It shares everything with the replica there; answers to
/// the service, which is its only client, stay on the node.
class MemberRuntime final : public Runtime {
 public:
  explicit MemberRuntime(Runtime& outer) : outer_(outer) {}
  static NodeId service() { return NodeId::client(-1); }
  std::deque<KvReply>& answers() { return answers_; }

  NodeId self() const override { return outer_.self(); }
  std::span<const NodeId> peers() const override { return outer_.peers(); }
  Instant now() const override { return outer_.now(); }
  WallTime wall_now() const override { return outer_.wall_now(); }
  void send(NodeId target, Message message) override;
  Timer start_timer(Duration delay) override { return outer_.start_timer(delay); }
  void cancel_timer(Timer timer) override { outer_.cancel_timer(timer); }
  Storage& storage() override { return outer_.storage(); }
  Rng& rng() override { return outer_.rng(); }
  void probe(std::string_view name) override { outer_.probe(name); }
  void trace(Event event) override { outer_.trace(std::move(event)); }

 private:
  Runtime& outer_;
  std::deque<KvReply> answers_;
};

class ConfigurationService {
 public:
  /// `granted` gets the answers to this node's own replica.
  ConfigurationService(Runtime& runtime, const Config& config,
                       std::function<void(const Grant&)> granted);
  void on_start();
  /// Asks for this node's own replica, and answers others when this member leads.
  void on_beat(const Renew& own);
  void on_renew(NodeId source, const Renew& renew);
  void on_message(const Envelope& envelope);  // of Raft
  void on_timer(Timer timer);                 // of Raft

 private:
  /// What the replica of a node has said to this member.
  struct Heard {
    Instant at{};
    std::int64_t epoch = 0;   // the latest that it knows
    std::int64_t synced = 0;  // the latest in which it was synced
    Instant granted{};        // when this member last granted it a lease
    Renew last;
  };

  void ask();
  void take_answers();
  void on_answer(const KvReply& answer);
  void learn(std::int64_t number);
  void note(NodeId node, const Renew& renew);
  void lead();
  void answer_all();
  bool begun() const;
  bool has_given_up(const Heard& heard) const;
  bool alive(NodeId node) const;
  bool synced(NodeId node) const;
  const Heard& heard(NodeId node) const { return heard_[static_cast<std::size_t>(node.index)]; }
  void consider();
  std::vector<NodeId> survivors() const;
  std::optional<NodeId> taught() const;  // who may be appended now
  void choose_joining();
  void propose(std::vector<NodeId> members);
  void request(std::int64_t msg_id, const KvCommand& command);

  Runtime& runtime_;
  const Config config_;
  std::function<void(const Grant&)> granted_;
  MemberRuntime member_runtime_;
  raft::RaftNode member_;

  Configuration known_;       // the newest that this member has read
  std::int64_t offset_ = 0;   // of Raft's log object, read up to here
  Instant known_since_{};
  std::int64_t last_msg_id_ = 0;
  std::int64_t asked_ = 0;    // the read under way; 0: none
  Instant asked_at_{};
  std::map<NodeId, Renew> pending_;  // not yet covered by a read
  std::map<NodeId, Renew> covered_;  // by the read under way
  std::vector<Heard> heard_;         // by node
  bool leading_ = false;
  std::int64_t term_ = 0;     // of Raft, in which it leads
  Instant leading_since_{};
  Instant proposed_at_{};
  std::int64_t proposed_ = 0;        // epoch
  std::int64_t proposal_ = 0;        // msg_id
  std::optional<NodeId> joining_;
  Instant joining_since_{};
};

}  // namespace sunder::chain
