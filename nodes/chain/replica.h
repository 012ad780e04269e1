#pragma once
// A replica of the chain.
//
// What holds between handlers:
//  1. The log of a member is a prefix of the log of the member before it, on disk too: a barrier
//     stands between an entry and whatever tells of it. Within a lineage entries are only added.
//  2. A replica that knows an epoch takes no message of an earlier one, over restarts too. So what
//     the tail has committed in an epoch is with every member that goes on into the next.
//  3. A synced replica holds every write that was committed before its epoch: the head, since the
//     service appoints only one that was synced in the epoch before, and whoever holds everything
//     that the head began with.
//  4. Only a synced tail commits, and only synced members serve reads; both under a lease.
//  5. machine_ is the state after commit_; the log holds what follows.

#include <deque>
#include <optional>

#include "nodes/chain/config.h"
#include "nodes/chain/configuration.h"
#include "nodes/chain/log.h"
#include "nodes/chain/messages.h"
#include "nodes/kv/messages.h"
#include "nodes/kv/state_machine.h"

namespace sunder::chain {

class Replica {
 public:
  Replica(Runtime& runtime, const Config& config);
  void on_start();
  void on_beat();
  Renew renewal() const;  // as of now
  void on_grant(const Grant& grant);
  void on_request(NodeId client, const KvRequest& request);
  void on_forward(NodeId source, const Forward& forward);
  void on_acked(NodeId source, const Acked& acked);
  void on_query(NodeId source, const Query& query);
  void on_query_reply(const QueryReply& reply);
  void on_install(NodeId source, const Install& install);
  std::int64_t epoch() const { return configuration_.epoch; }
  NodeStatus status() const;

 private:
  /// What is known of the node to which this one passes writes on.
  struct Successor {
    std::int64_t next = 1;    // index of the next entry to send
    std::int64_t acked = -1;  // held by it durably; -1: unknown
    std::int64_t acked_before = -1;  // at the last beat
    Instant heard{};
  };
  struct Waiting {
    NodeId client;
    std::int64_t msg_id = 0;
    std::int64_t op = -1;
    std::int64_t index = 0;  // of the command's entry
    KvCommand command;
  };
  struct Read {
    NodeId client;
    KvRequest request;
    std::int64_t round = 0;  // of the query that covers it
    Instant since{};
  };

  // replica.cpp: epochs and leases
  void recover();
  void adopt(const Configuration& configuration);
  void begin_epoch();
  void become_synced(std::int64_t start);
  bool member() const { return place_.has_value(); }
  bool head() const { return place_ == std::size_t{0}; }
  bool tail() const { return member() && *place_ + 1 == configuration_.members.size(); }
  bool leased() const;
  bool serves() const { return member() && synced_ && leased(); }
  std::optional<NodeId> before() const;  // whose writes this one takes
  std::optional<NodeId> after() const;   // a member, or the one that the tail teaches
  bool current(std::int64_t epoch);      // whether messages of this epoch count

  // writes.cpp
  void on_write(NodeId client, const KvRequest& request);
  void append(const Entry& entry, std::int64_t op);
  void forward(bool beat);
  void take(const Forward& forward);
  void acknowledge(NodeId target, bool gap);
  void try_commit();
  void commit_to(std::int64_t index);
  void answer_written(std::int64_t index, const KvAnswer& answer, bool proved);
  void refuse(NodeId client, const KvRequest& request);
  void refuse_all();
  void compact();
  void send_install(NodeId target);

  // reads.cpp
  void on_read(NodeId client, const KvRequest& request);
  bool clean(const KvCommand& read) const;
  void ask_tail();
  void serve(NodeId client, const KvRequest& request);
  KvAnswer observe_newest(const KvCommand& read) const;
  void give_up_old_reads();

  Runtime& runtime_;
  const Config config_;
  const NodeId self_;
  Log log_;
  KvStateMachine machine_;
  std::int64_t commit_ = 0;
  std::int64_t boot_ = 0;
  Instant snapshot_at_{};             // when the log was last compacted, or installed

  Configuration configuration_;
  std::optional<std::size_t> place_;  // in the chain
  bool synced_ = false;
  std::int64_t start_ = -1;           // of the head's log when it began; once synced
  Instant lease_end_{};
  WallTime lease_end_wall_{};         // flaw
  std::optional<NodeId> joining_;     // taught by the tail
  Successor successor_;

  std::deque<Waiting> waiting_;       // for their entries to be committed, ascending
  std::deque<Read> reads_;            // for the tail's answer
  std::int64_t round_ = 0;
};

}  // namespace sunder::chain
