#pragma once
// The owner of a shard: versions of its keys, locks, and what is prepared.
//
// What holds between handlers:
//  1. A key is locked by one prepared transaction that writes it, or shared by those that read it.
//     Nobody waits for a lock to be taken: who meets one is voted down.
//  2. What is prepared is in the log behind a barrier before the vote leaves, and stays
//     locked, over restarts too, until its coordinator has said what became of it.
//  3. A version's time is above the snapshots of all reads that were answered without it: those
//     whose snapshot may be above the time wait for the lock.

#include <map>
#include <set>

#include "nodes/two_phase/config.h"
#include "nodes/two_phase/journal.h"
#include "nodes/two_phase/messages.h"
#include "nodes/two_phase/post.h"

namespace sunder::two_phase {

class Participant {
 public:
  Participant(Post& post, Journal& journal, const Config& config)
      : post_(post), journal_(journal), config_(config) {}
  void on_fetch(NodeId source, const Fetch& fetch);
  void on_prepare(NodeId coordinator, const Prepare& prepare);
  void on_decide(const Decide& decide);
  void on_tick();

  // The same from the log.
  void recover_prepared(NodeId coordinator, Prepare prepare);
  void recover_ended(std::int64_t txn, std::int64_t time);
  void after_recovery();

 private:
  struct Prepared {
    NodeId coordinator;
    Prepare prepare;
    Instant since;
  };
  struct Lock {
    std::int64_t writer = 0;  // 0: none
    std::set<std::int64_t> readers;
  };
  struct Waiting {
    NodeId source;
    Fetch fetch;
    Instant since;
  };
  const Version& at(std::int64_t key, std::int64_t time) const;
  bool must_wait(const Fetch& fetch) const;
  bool lockable(const Prepare& prepare) const;
  void hold(NodeId coordinator, Prepare prepare);
  void apply(const Prepare& prepare, std::int64_t time);
  void release(const Prepare& prepare);
  void end(std::int64_t txn, std::int64_t time);
  void answer_waiting();

  Post& post_;
  Journal& journal_;
  const Config& config_;
  std::map<std::int64_t, std::vector<Version>> versions_;  // by key, in order of time
  std::map<std::int64_t, Lock> locks_;                     // by key
  std::map<std::int64_t, Prepared> prepared_;              // by transaction
  std::vector<Waiting> waiting_;
  Version nothing_;
};

}  // namespace sunder::two_phase
