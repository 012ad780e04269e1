// The two phases of a commit, and what happens when nobody answers.

#include "nodes/two_phase/coordinator.h"

namespace sunder::two_phase {
namespace {

constexpr int tries_of_flaw = 10;  // TiDB's tidb_retry_limit

}  // namespace

void Coordinator::on_commit(Txns::iterator at) {
  auto& [id, txn] = *at;
  if (txn.writes.empty()) {
    // All was read in one snapshot, and there the transaction stands.
    trace_.commit(id, txn.snapshot, counted());
    sessions_[txn.client].committed = id;
    answer(txn);
    finish(at, 0);
    return;
  }
  divide(id, txn);
  if (config_.flaws.commit_time_before_locks) {
    ask_for_stamp(at, Phase::stamping);
  } else {
    prepare(at);
  }
}

void Coordinator::divide(std::int64_t id, Txn& txn) const {
  auto part = [&](std::int64_t key) -> Prepare& {
    Prepare& prepare = txn.parts[owner(key)];
    prepare.txn = id;
    return prepare;
  };
  std::set<std::int64_t> written;
  for (const Write& write : txn.writes) {
    part(write.key).writes.push_back(write);
    written.insert(write.key);
  }
  bool validates = config_.level == txn::Level::serializable && !config_.flaws.reads_unvalidated;
  if (!validates) return;
  for (const auto& [key, version] : txn.seen) {
    if (!written.contains(key)) part(key).reads.push_back(key);
  }
}

void Coordinator::prepare(Txns::iterator at) {
  Txn& txn = at->second;
  txn.phase = Phase::preparing;
  for (auto& [node, part] : txn.parts) {
    part.snapshot = txn.snapshot;
    txn.silent.insert(node);
  }
  ask_again(at);
}

void Coordinator::on_vote(NodeId participant, const Vote& vote) {
  auto at = active_.find(vote.txn);
  if (at == active_.end() || at->second.phase != Phase::preparing) return;
  Txn& txn = at->second;
  if (vote.snapshot != txn.snapshot || !txn.silent.contains(participant)) return;
  if (!vote.yes) {
    if (config_.flaws.blind_retry && ++txn.tries <= tries_of_flaw) {
      txn.silent.clear();
      txn.tries_again = true;
      ask_for_stamp(at, Phase::stamping);
    } else {
      refuse(at);
    }
    return;
  }
  txn.silent.erase(participant);
  if (!txn.silent.empty()) return;
  post_.runtime().probe(txn.parts.size() > 1 ? "a transaction was prepared on several nodes"
                                             : "a transaction was prepared on one node");
  if (txn.commit_time != 0) {
    commit(at, txn.commit_time);
  } else {
    ask_for_stamp(at, Phase::stamping);
  }
}

void Coordinator::commit(Txns::iterator at, std::int64_t time) {
  auto& [id, txn] = *at;
  decisions_[id] = time;
  sessions_[txn.client].committed = id;
  if (!config_.flaws.decision_unlogged) {
    journal_.decided({id, time, txn.client});
    post_.runtime().storage().sync();
  }
  trace_.commit(id, time, counted());
  answer(txn);
  finish(at, time);
}

// REQUIRES: something is waited for.
void Coordinator::ask_again(Txns::iterator at) {
  const Txn& txn = at->second;
  switch (txn.phase) {
    case Phase::open: return;
    case Phase::starting:
    case Phase::stamping:
      post_.send(post_.runtime().peers().front(), Message(StampRequest{txn.ask}));
      return;
    case Phase::fetching: {
      std::int64_t key = txn.request.key;
      post_.send(owner(key), Message(Fetch{txn.ask, key, txn.snapshot}));
      return;
    }
    case Phase::preparing:
      for (NodeId node : txn.silent) post_.send(node, Message(txn.parts.at(node)));
      return;
  }
}

// Until a commit is decided it can be taken back.
void Coordinator::on_tick() {
  Instant now = post_.runtime().now();
  for (auto at = active_.begin(); at != active_.end();) {
    auto present = at++;
    const Txn& txn = present->second;
    Duration silence = now - txn.heard;
    if (txn.phase == Phase::open) {
      if (silence >= config_.idle_limit) abort(present);
    } else if (now - txn.since >= config_.coordinator_limit) {
      post_.runtime().probe("a coordinator gave up");
      refuse(present);
    } else {
      ask_again(present);
    }
  }
}

}  // namespace sunder::two_phase
