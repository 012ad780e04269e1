#pragma once
// The database server. nodes/mvcc.cpp says where it comes from.
//
// What holds between handlers:
//  1. A key is locked by the one active transaction that has a draft of it, from its first write on
//     until it ends. Nobody waits for a lock: who meets one is aborted.
//  2. A committed version is in the log behind a barrier that stands before every message sent
//     after it, so that nobody sees what a crash may undo.
//  3. At repeatable-read and above a draft stands on the version that the snapshot holds, and that
//     is the newest one (first updater wins).
//  4. Names of transactions are never used again: they contain the number of the boot, which is
//     durable before any of them is told.

#include <deque>
#include <map>
#include <optional>

#include "harness/api/runtime.h"
#include "nodes/mvcc/config.h"
#include "nodes/mvcc/conflicts.h"
#include "nodes/mvcc/versions.h"
#include "nodes/txn/messages.h"

namespace sunder::mvcc {

class Server : public Node {
 public:
  Server(Runtime& runtime, Config config);
  void on_start() override;
  void on_message(const Envelope& envelope) override;
  void on_timer(Timer timer) override;
  NodeStatus status() const override;

 private:
  struct Txn {
    NodeId client;
    std::int64_t snapshot = 0;
    Instant heard;                           // of its client
    std::map<std::int64_t, Version> drafts;  // by key
    std::int64_t writes = 0;
    txn::Reply reply;  // to the client's last request
  };
  using Txns = std::map<std::int64_t, Txn>;
  /// What is known of a client: its present transaction, and the last one that was committed.
  struct Session {
    std::int64_t begun_by = 0;  // msg_id
    std::int64_t txn = 0;
    std::int64_t committed = 0;
  };

  bool serves() const { return runtime_.self() == runtime_.peers().front(); }
  void recover();
  void on_begin(NodeId client, const txn::Request& request);
  void begin(NodeId client, const txn::Request& request);
  void carry_out(Txns::iterator at, const txn::Request& request);
  void on_read(Txns::iterator at, std::int64_t key);
  bool on_write(Txns::iterator at, const txn::Request& request);
  bool on_commit(Txns::iterator at);
  const Version* dirty(std::int64_t key) const;
  const Version& visible(const Txn& txn, std::int64_t key) const;
  void note_overlooked(std::int64_t id, const Txn& txn, std::int64_t key);
  std::int64_t snapshot_now();
  void log_commit(std::int64_t id, const Txn& txn);
  void install(std::int64_t id, const Txn& txn);
  void abort(Txns::iterator at);
  void release(Txns::iterator at);
  void reply(NodeId client, const txn::Reply& reply);
  void answer_unknown(NodeId client, const txn::Request& request);
  void forget_old();
  bool tracks() const { return config_.level == txn::Level::serializable; }
  bool snapshots() const { return config_.level >= txn::Level::snapshot; }

  Runtime& runtime_;
  Config config_;
  txn::Tracer trace_;
  Versions versions_;
  Conflicts conflicts_;
  Txns active_;
  std::map<std::int64_t, std::int64_t> locks_;  // key -> transaction
  std::map<NodeId, Session> sessions_;
  std::int64_t boot_ = 0;
  std::int64_t begun_ = 0;  // in this boot
  std::int64_t last_ = 0;   // commits ever; the number of one is its time
  std::int64_t floor_ = 0;  // no snapshot is older: reads of former boots are forgotten
  std::deque<std::pair<Instant, std::int64_t>> recent_;  // commits that stale snapshots may lack
};

}  // namespace sunder::mvcc
