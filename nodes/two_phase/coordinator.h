#pragma once
// The side of a node that serves clients: it runs their transactions over the shards.
//
// What holds between handlers:
//  1. Nothing of a transaction is asked of participants but reads, until its client has asked for
//     the commit.
//  2. A commit is in the log behind a barrier before anybody is told of it. What the log does not
//     have and what is not active is aborted (presumed abort).
//  3. The commit's timestamp was asked for after all votes had come.
//  4. Names of transactions and of questions are never used again: they contain the number of the
//     boot, which is durable before any of them leaves.

#include <map>
#include <set>

#include "nodes/two_phase/config.h"
#include "nodes/two_phase/journal.h"
#include "nodes/two_phase/messages.h"
#include "nodes/two_phase/post.h"

namespace sunder::two_phase {

class Coordinator {
 public:
  Coordinator(Post& post, Journal& journal, const Config& config);
  void start(std::int64_t boot);  // after all decisions were recovered
  void recover_decision(const Decision& decision);

  void on_request(NodeId client, const txn::Request& request);
  void on_stamp(const Stamp& stamp);
  void on_fetched(const Fetched& fetched);
  void on_vote(NodeId participant, const Vote& vote);
  void on_inquire(NodeId participant, const Inquire& inquire);
  void on_tick();

 private:
  enum class Phase : std::uint8_t {
    starting,   // waits for its snapshot's timestamp
    open,       // waits for its client
    fetching,   // waits for what a key holds
    preparing,  // waits for votes
    stamping,   // waits for its commit's timestamp
  };
  struct Txn {
    NodeId client;
    Phase phase = Phase::starting;
    Instant heard;         // of its client
    Instant since;         // when its client's last request came
    txn::Request request;  // the client's last one
    txn::Reply reply;      // to it, once it was answered
    std::int64_t ask = 0;  // the question that is open
    std::int64_t snapshot = 0;
    std::int64_t commit_time = 0;          // of the flaw commit-time-before-locks, before the votes
    bool tries_again = false;              // of the flaw blind-retry
    int tries = 0;                         // likewise
    std::map<std::int64_t, Version> seen;  // by key, as the snapshot holds it
    std::vector<Write> writes;             // in order
    std::map<NodeId, Prepare> parts;       // of the first phase
    std::set<NodeId> silent;               // participants that have not voted
  };
  using Txns = std::map<std::int64_t, Txn>;
  /// What is known of a client: its present transaction, and the last one that was committed.
  struct Session {
    std::int64_t begun_by = 0;  // msg_id
    std::int64_t txn = 0;
    std::int64_t committed = 0;
  };

  void on_begin(NodeId client, const txn::Request& request);
  void begin(NodeId client, const txn::Request& request);
  void answer_unknown(NodeId client, const txn::Request& request);
  void carry_out(Txns::iterator at);
  void on_read(Txns::iterator at);
  void answer_read(Txns::iterator at);
  void write(Txns::iterator at, bool append);
  void on_commit(Txns::iterator at);
  void divide(std::int64_t id, Txn& txn) const;  // among the participants
  void prepare(Txns::iterator at);
  void commit(Txns::iterator at, std::int64_t time);
  void finish(Txns::iterator at, std::int64_t time);
  void abort(Txns::iterator at);
  void refuse(Txns::iterator at);  // aborts it and tells its client
  void ask_for_stamp(Txns::iterator at, Phase phase);
  void ask_again(Txns::iterator at);
  void answer(Txn& txn, txn::Code code = txn::Code::ok);
  NodeId owner(std::int64_t key) const;
  Txns::iterator asked(std::int64_t ask, Phase phase);
  std::int64_t counted() const { return static_cast<std::int64_t>(decisions_.size()); }

  Post& post_;
  Journal& journal_;
  const Config& config_;
  txn::Tracer trace_;
  Txns active_;
  std::map<std::int64_t, std::int64_t> asks_;       // open question -> transaction
  std::map<std::int64_t, std::int64_t> decisions_;  // committed transaction -> its time
  std::map<NodeId, Session> sessions_;
  std::int64_t boot_ = 0;
  std::int64_t named_ = 0;  // transactions and questions of this boot
};

}  // namespace sunder::two_phase
