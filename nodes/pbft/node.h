#pragma once
// PBFT (Castro and Liskov, "Practical Byzantine Fault Tolerance", OSDI 1999, whose section numbers
// are given below; and "Practical Byzantine Fault Tolerance and Proactive Recovery", ACM TOCS
// 20(4), 2002).
//
// What holds between handlers:
//  1. What was accepted and prepared is in Storage, and a barrier stands between it and any
//     message that tells of it. The own vote counts when it comes back from the own address: by
//     then its barrier has passed.
//  2. stable_ <= executed_; every slot in the log is above stable_.
//  3. A replica in a view change sends nothing for older views; it still learns what they commit.
//  4. Whoever delivers a message does not matter: what counts is whose seal it bears.

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "nodes/pbft/config.h"
#include "nodes/pbft/decision.h"
#include "nodes/pbft/log.h"
#include "nodes/pbft/seal.h"
#include "nodes/pbft/service.h"

namespace sunder::pbft {

class PbftNode : public Node {
 public:
  PbftNode(Runtime& runtime, Config config);
  void on_start() override;
  void on_message(const Envelope& envelope) override;
  void on_timer(Timer timer) override;
  NodeStatus status() const override;

 private:
  /// A request that its replica wants to see executed.
  struct Waiting {
    Request request;
    Instant since{};
  };
  struct Snapshot {
    std::int64_t digest = 0;
    std::string bytes;
  };
  /// State that is being fetched.
  struct Wanted {
    Checkpoint checkpoint;
    Instant since{};
    Instant asked{};
    std::size_t source = 0;  // whom to ask, counted from the own place
    std::string bytes;       // got so far
  };

  // node.cpp: life cycle, timers, and the ways out
  void recover();
  void recover_votes();
  void save_view();
  void barrier();
  template <class Body>
  bool is_genuine(const Sealed<Body>& message);
  template <class Body>
  void open(const Sealed<Body>& message, void (PbftNode::*handle)(NodeId, const Body&));
  void to_all(const Message& message, bool self);
  void on_tick();
  NodeId primary_of(std::int64_t view) const;
  bool is_primary() const { return active_ && primary_of(view_) == self_; }
  std::size_t index_of(NodeId replica) const { return static_cast<std::size_t>(replica.index); }
  std::int64_t window() const { return 2 * config_.checkpoint_every; }
  bool in_window(std::int64_t sequence) const;

  // requests.cpp: clients, batches, execution (4.1, 4.2)
  void on_request(NodeId source, const Request& request);
  bool is_valid(const Request& request);
  bool is_proved(const Request& request) const;
  void enqueue(const Request& request);
  void propose(bool all);
  void wait_for(const Request& request);
  void forward_waiting();
  void answer(const Request& request, const KvAnswer& answer);
  void execute_committed();
  void execute(std::int64_t sequence, const Batch& batch);
  void execute_request(std::int64_t sequence, const Request& request);
  void trace_executed(std::int64_t sequence, std::int64_t digest);

  // ordering.cpp: pre-prepare, prepare, commit (4.2)
  void on_pre_prepare(const Sealed<PrePrepare>& message);
  void accept(std::int64_t sequence, std::int64_t digest, SharedBatch batch);
  void on_prepare(NodeId sender, const Prepare& prepare);
  void on_commit(NodeId sender, const Commit& commit);
  void check_prepared(std::int64_t sequence);
  void check_committed(std::int64_t sequence);
  std::optional<std::int64_t> quorum_of_commits(const Slot& slot) const;
  std::size_t prepares_for(const Slot& slot) const;
  void send_prepare(std::int64_t sequence, const Slot& slot);
  void send_commit(std::int64_t sequence, const Slot& slot);

  // checkpoints.cpp: checkpoints, garbage collection and state transfer (4.3)
  void take_checkpoint();
  void send_checkpoint(std::int64_t sequence);
  void on_checkpoint(NodeId sender, const Checkpoint& checkpoint);
  void become_stable(const Checkpoint& checkpoint);
  void want_state(const Checkpoint& checkpoint);
  void ask_for_state();
  void on_fetch_state(NodeId source, const FetchState& request);
  void on_state_chunk(NodeId source, const StateChunk& chunk);
  void install_state();
  void save_state(std::int64_t sequence, const std::string& bytes);
  void save_checkpoints();  // which ones there are
  void recover_states();

  // catch_up.cpp: what was lost on the way
  void send_status();
  void on_status(NodeId sender, const Status& status);
  void send_slots(NodeId target, std::int64_t after);
  void on_fetch_batch(NodeId source, const FetchBatch& request);
  void on_batch_body(const BatchBody& body);
  void fetch_batch(std::int64_t sequence, std::int64_t digest);

  // views.cpp: view changes (4.4)
  void start_view_change(std::int64_t view);
  void send_view_change(std::optional<NodeId> target);
  void on_view_change(const Sealed<ViewChange>& message);
  void join_others();
  void try_new_view();
  void on_new_view(const Sealed<NewView>& message);
  bool is_justified(const NewView& view);
  void enter_new_view(const NewView& view);
  void take_over(std::int64_t sequence, std::int64_t digest);
  void check_timeouts();
  bool lacks_company() const;
  QuorumRules rules() const;
  std::size_t view_changes_from(std::int64_t view) const;

  Runtime& runtime_;
  const Config config_;
  const NodeId self_;
  const std::size_t count_;
  const std::size_t faults_;
  const std::size_t quorum_;
  const Keyring keys_;
  const std::int64_t null_digest_;
  Log log_;
  Service service_;

  // Persistent.
  std::int64_t view_ = 0;
  bool active_ = true;  // false in a view change towards view_
  std::int64_t stable_ = 0;
  std::optional<Sealed<NewView>> new_view_;  // that began view_

  // Volatile.
  bool halted_ = false;          // flaw
  std::int64_t executed_ = 0;
  std::int64_t next_ = 1;        // a primary's next sequence number
  std::deque<Request> pending_;  // of a primary: to be proposed
  std::map<NodeId, std::int64_t> queued_;  // of a primary: the newest timestamp taken
  std::map<NodeId, Waiting> waiting_;      // for their execution, by client
  std::map<std::int64_t, Snapshot> snapshots_;  // own checkpoints from the stable one on
  std::vector<std::deque<Checkpoint>> checkpoint_votes_;  // the newest few of each replica
  std::map<NodeId, Sealed<ViewChange>> view_changes_;  // the newest of each replica
  std::optional<Wanted> wanted_;
  std::vector<Status> statuses_;  // last word of each replica
  std::vector<Instant> heard_;    // and when it came

  Timer tick_timer_;
  Timer batch_timer_;
  std::int64_t ticks_ = 0;
  std::int64_t executed_at_tick_ = 0;
  bool stalled_ = false;          // nothing was executed since the tick before
  Instant view_since_{};          // entered, or the view change begun
  int failed_views_ = 0;          // since something was executed
};

template <class Body>
bool PbftNode::is_genuine(const Sealed<Body>& message) {
  bool known = message.sender.is_node() && index_of(message.sender) < count_;
  bool believed = config_.flaws.authenticators_unchecked;
  if (known && (believed || is_authentic(keys_, message))) return true;
  runtime_.probe("refused what its sender did not say");
  return false;
}

template <class Body>
void PbftNode::open(const Sealed<Body>& message, void (PbftNode::*handle)(NodeId, const Body&)) {
  if (is_genuine(message)) (this->*handle)(message.sender, message.body);
}

}  // namespace sunder::pbft
