#pragma once
// Raft (Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", extended
// version, 2014; section numbers below are its, or those of Ongaro's thesis where said).
//
// What holds between handlers:
//  1. term_ and vote_ are in Storage; a barrier stands between them and any answer built on them.
//  2. Entries are in Storage, and a barrier stands between them and any AppendEntries or answer
//     that tells of them. A follower's answer therefore proves that the leader's own copy is
//     durable too.
//  3. base <= applied_ <= commit_, and applied_ == commit_ as long as the log holds the entries.
//  4. Only entries of the leader's own term are committed by counting (5.4.2).
//  5. Whoever counts, counts by the latest configuration in its log, committed or not; a new one is
//     appended only when that one, and an entry of the leader's term, are committed.

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nodes/kv/messages.h"
#include "nodes/kv/state_machine.h"
#include "nodes/raft/config.h"
#include "nodes/raft/log.h"
#include "nodes/raft/messages.h"

namespace sunder::raft {

enum class Role : std::uint8_t { follower, pre_candidate, candidate, leader };

class RaftNode : public Node {
 public:
  RaftNode(Runtime& runtime, Config config);
  void on_start() override;
  void on_message(const Envelope& envelope) override;
  void on_timer(Timer timer) override;
  NodeStatus status() const override;
  Status instruct(std::string_view verb, const Value& value) override;

  // For systems that are a machine over this log, with something of their own to do when they lead.
 protected:
  /// Whether it deals with a client's request by itself.
  virtual bool takes(NodeId, const KvRequest&) { return false; }
  /// A command was carried out here; one that was recognised as a retry was not.
  virtual void on_applied(std::int64_t, const KvCommand&, const KvAnswer&) {}
  /// It leads, and everything that was ever committed before is applied.
  virtual void on_established() {}
  Runtime& runtime() { return runtime_; }
  const KvStateMachine& machine() const { return machine_; }
  bool leads() const { return role_ == Role::leader; }
  bool may_serve_reads() const;                // an entry of this term is committed
  void propose(NodeId client, const KvRequest& request);
  void append_own(const KvCommand& command, std::int64_t op = -1);  // op: of the history

 private:
  /// What a leader knows of one follower.
  struct Progress {
    std::int64_t next = 1;         // index of the next entry to send
    std::int64_t match = 0;        // highest index known to agree
    std::int64_t round = 0;        // highest answered
    Instant heard{};               // last answer
    bool probing = true;           // where the logs agree is unknown: one message at a time
    bool probe_sent = false;       // and it is under way
    std::int64_t snapshot = 0;     // last index of the snapshot being sent; 0: none
    std::int64_t snapshot_offset = 0;
  };
  /// A change of membership for which those who are to join are catching up.
  struct Change {
    NodeSet target = 0;
    std::int64_t goal = 0;  // index that the newcomers must reach in this round
    Instant begun{};        // the change
    Instant round_begun{};
  };
  struct Transfer {
    NodeId target;
    Instant deadline{};
    bool sent = false;
  };
  struct Waiting {
    NodeId client;
    std::int64_t msg_id = 0;
    std::int64_t index = 0;  // of the command's entry
  };
  struct Read {
    NodeId client;
    std::int64_t msg_id = 0;
    KvCommand command;
    std::int64_t round = 0;  // that must be confirmed first
  };
  struct Round {
    std::int64_t number = 0;
    Instant sent{};
    WallTime sent_wall{};
  };

  // node.cpp: life cycle and roles
  NodeStatus role_status() const;
  void recover();
  void forget();                               // flaw
  void trace_recovered();
  void adopt_term(std::int64_t term);          // enters a later term as a follower without a vote
  void become_follower(std::optional<NodeId> leader);
  void save_hard_state();
  void barrier();                              // Storage::sync, the one place
  // A lone node commits before its own barrier has finished. Its answers wait behind that barrier,
  // its trace does not: so it does not trace what it commits and applies.
  bool is_alone() const { return runtime_.peers().size() == 1; }
  Progress& progress_of(NodeId node) { return progress_[static_cast<std::size_t>(node.index)]; }
  /// Those who hear this node when it leads.
  template <class Visit>
  void each_other(Visit visit) {
    for (NodeId peer : runtime_.peers()) {
      if (peer != self_ && is_told(peer)) visit(peer, progress_of(peer));
    }
  }

  // election.cpp
  void arm_election_timer();
  void on_election_timer();
  void restart_election_time();                // draws the next time-out
  bool leader_is_alive() const;                // stickiness (thesis, section 4.2.3)
  void campaign(bool pre, bool at_once = false);
  void ask_for_votes(bool pre, bool at_once);
  void on_request_vote(NodeId source, const RequestVote& request, bool at_once = false);
  void on_vote_reply(NodeId source, const VoteReply& reply);
  void await_all_votes(NodeId source, const VoteReply& reply);  // flaw
  void note_vote(NodeId source, const VoteReply& reply);        // flaw
  void settle_votes();                         // flaw
  void become_leader();

  // replication.cpp
  void on_heartbeat_timer();
  void start_round();
  void broadcast(bool heartbeat);
  Message append_entries_from(std::int64_t next, bool with_entries);
  void send_append(NodeId peer, Progress& progress, bool heartbeat);
  void on_append_entries(NodeId source, const AppendEntries& request);
  void merge_entries(const AppendEntries& request);
  void on_append_reply(NodeId source, const AppendReply& reply);
  void back_track(Progress& progress, const AppendReply& reply);
  void heard_from(Progress& progress, std::int64_t round);
  void confirm_rounds();
  void advance_commit();
  void commit_to(std::int64_t index);

  // membership.cpp
  Voters voters() const;                       // by whom this node decides
  Voters first_voters() const;
  bool is_told(NodeId peer) const;             // what a leader appends
  bool may_stand() const;
  void note_voters();                          // tells the invariants
  template <class Get>
  std::int64_t reached(std::int64_t own, Get get) const {  // by a deciding majority
    Numbers numbers{};
    for (std::size_t at = 0; at < progress_.size() && at < numbers.size(); ++at) {
      numbers[at] = static_cast<std::int32_t>(at) == self_.index ? own : get(progress_[at]);
    }
    return reached(numbers);
  }
  std::int64_t reached(const Numbers& numbers) const;
  bool elects(NodeSet granted) const;
  NodeSet holders(std::int64_t index);
  void on_reconfigure_timer();
  void give_up_late_newcomers();
  bool settled() const;                        // the voters in force, and none are to replace them
  void begin_change(NodeSet target);
  NodeSet draw_voters();
  void drive_change();
  bool newcomers_caught_up();
  void append_voters(const Voters& voters);
  void leave();
  void begin_transfer(NodeId target);
  void drive_transfer();
  void on_timeout_now(NodeId source, const TimeoutNow& request);

  // instructions.cpp
  std::vector<NodeId> committed_voters() const;
  Status change_voters_to(const Value& names);
  Status transfer_to(const Value& name);

  // requests.cpp
  void on_request(NodeId client, const KvRequest& request);
  void on_read(NodeId client, const KvRequest& request);
  bool lease_holds() const;
  void serve_confirmed_reads();
  void answer_read(const Read& read);
  void apply_committed();
  void trace_applied(std::int64_t term, bool ran);
  void acknowledge_uncommitted();              // flaw
  void refuse(NodeId client, std::int64_t msg_id);
  void refuse_all_waiting();

  // snapshots.cpp
  std::string packed_state(std::int64_t index) const;
  std::optional<Voters> restore(std::string_view bytes);  // nothing: they are no snapshot
  void maybe_take_snapshot();
  void save_snapshot(std::int64_t index);
  void send_snapshot(NodeId peer, Progress& progress);
  void on_install_snapshot(NodeId source, const InstallSnapshot& request);
  void install(const InstallSnapshot& request);
  void on_snapshot_reply(NodeId source, const SnapshotReply& reply);

  Runtime& runtime_;
  const Config config_;
  const NodeId self_;
  const bool elastic_;  // membership changes
  Log log_;
  KvStateMachine machine_;

  // Persistent (figure 2).
  std::int64_t term_ = 0;
  std::optional<NodeId> vote_;
  std::string snapshot_;  // state up to log_.base(), empty when there is none

  // Volatile.
  Role role_ = Role::follower;
  std::optional<NodeId> leader_;
  std::int64_t commit_ = 0;
  std::int64_t applied_ = 0;

  // Elections.
  Timer election_timer_;
  Duration election_timeout_{0};
  Instant contact_{};           // last word of a leader, or the boot: nobody knows what was before
  NodeSet granted_ = 0;
  NodeSet answered_ = 0;        // flaw

  // Of a leader, reset with each term.
  std::vector<Progress> progress_;  // by node index
  Timer heartbeat_timer_;
  std::int64_t term_start_ = 0;     // index of the first entry of this leader's term
  std::int64_t round_ = 0;          // of AppendEntries; numbers only grow, over terms too
  std::int64_t confirmed_ = 0;      // answered by a majority
  std::deque<Round> open_rounds_;
  Instant quorum_contact_{};        // when the latest confirmed round was sent
  bool lease_taken_ = false;
  WallTime lease_end_wall_{};       // flaw
  std::deque<Waiting> waiting_;     // for their entries to be committed, ascending
  std::deque<Read> reads_;          // for their round
  std::vector<Read> early_reads_;   // for the term's first commit
  Timer reconfigure_timer_;
  std::optional<Change> change_;
  std::optional<Transfer> transfer_;
  bool lease_void_ = false;         // another may be elected in spite of it
  std::int64_t settled_round_ = 0;  // whoever answered this one knows who the voters are

  // Of a follower that is being sent a snapshot.
  std::int64_t incoming_index_ = 0;
  std::string incoming_;
};

}  // namespace sunder::raft
