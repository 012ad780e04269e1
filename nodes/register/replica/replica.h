#pragma once
// A replica that accepts writes by itself and passes them on: the common ground of `pram`, `causal`
// and `gossip`, which differ in when a write may be applied and which of two writes of a key shows.
//
// What holds between handlers:
//  1. A write is in Storage, and a barrier stands between it and any message that tells of it, so
//     that its sequence is never given to another write.
//  2. counts() of the log only grows, over restarts too for what was told.
//  3. The clock is not below the time of any write that is in the log.

#include <deque>
#include <map>
#include <vector>

#include "harness/api/runtime.h"
#include "nodes/register/messages.h"
#include "nodes/register/once.h"
#include "nodes/register/replica/write_log.h"

namespace sunder::registers {

/// What a system promises. The invariants watch exactly this.
struct ReplicaRules {
  bool in_order = false;      // a node's writes are applied in their order
  bool hold_back = false;     // a write is applied after those that it needs
  bool gated = false;         // a request waits for the writes that it needs
  bool arrival_wins = false;  // the write applied last shows; else the one of the highest stamp
};

/// The bugs that the systems' flaws switch on.
struct ReplicaFlaws {
  bool no_sync = false;
  bool clock_not_merged = false;      // what is received does not advance the clock
  bool blind_overwrite = false;       // the write applied last shows
  bool stamps_decide = false;         // the highest stamp shows, though arrival should
  bool applied_at_once = false;       // neither order nor needs hold a write back
  bool requests_never_wait = false;
  bool highest_counts = false;        // gaps are taken for known
  bool first_version_stays = false;   // an update of a key that has a version is lost
  bool reads_without_version = false; // a reply does not say which version it read
  bool wall_tie_break = false;        // dominance first, then the wall clock
  bool own_first_on_recovery = false; // own writes are replayed before those of others
  bool sent_once = false;             // no digests: what was lost stays lost
  bool unready_dropped = false;       // a write that must wait is forgotten
  bool needs_never_met = false;       // what a received write needs is never found
};

struct ReplicaConfig {
  ReplicaRules rules;
  ReplicaFlaws flaws;
  Duration interval{0};            // between digests to one peer, drawn each time
  bool push = true;                // writes go to all at once, not by digests alone
  Duration patience{0};            // how long a request waits for what it needs
  std::int64_t compact_every = 0;  // writes
};

class ReplicaNode : public Node {
 public:
  ReplicaNode(Runtime& runtime, ReplicaConfig config);
  void on_start() override;
  void on_message(const Envelope& envelope) override;
  void on_timer(Timer timer) override;
  NodeStatus status() const override { return {.role = "replica", .ready = true}; }

 private:
  struct Waiting {
    NodeId client;
    Request request;
    Instant deadline;
  };
  /// What a key shows: a write, but for its sequence 0, which is none.
  using Shown = std::map<std::int64_t, Write>;

  void recover();
  void restore_state(ByteReader& in);
  std::string state() const;
  void trace_recovered();
  void on_request(NodeId client, const Request& request);
  void on_writes(const Writes& message);
  void on_digest(NodeId source, const ReplicaDigest& digest);
  void serve(NodeId client, const Request& request);
  void serve_read(NodeId client, const Request& request);
  void serve_write(NodeId client, const Request& request);
  void push(const Write& write);
  void serve_waiting();
  void refuse(NodeId client, const Request& request);
  bool may_apply(const Write& write) const;
  void apply(const Write& write);
  void apply_pending();
  bool wins(const Write& write, const Write& shown) const;
  bool has_what_it_needs(const std::vector<std::int64_t>& needs) const;
  clock::VectorClock counts() const;
  clock::VectorClock known_by_all() const;
  void maybe_compact();
  void barrier();
  std::size_t self() const { return static_cast<std::size_t>(runtime_.self().index); }

  Runtime& runtime_;
  ReplicaConfig config_;
  WriteLog log_;
  Shown shown_;
  clock::LamportClock clock_;
  std::map<std::pair<std::int64_t, std::int64_t>, Write> pending_;  // not applied yet, by name
  std::deque<Waiting> waiting_;
  std::vector<clock::VectorClock> known_;  // by node: what it last said that it has
  OnceOnly once_;
};

}  // namespace sunder::registers
