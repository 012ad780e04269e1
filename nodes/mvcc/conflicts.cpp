#include "nodes/mvcc/conflicts.h"

namespace sunder::mvcc {

void Conflicts::begin(std::int64_t txn, std::int64_t snapshot) { txns_[txn].snapshot = snapshot; }

void Conflicts::read(std::int64_t txn, std::int64_t key) {
  txns_[txn].reads.insert(key);
  readers_[key].insert(txn);
}

void Conflicts::write(std::int64_t txn, std::int64_t key) {
  auto readers = readers_.find(key);
  if (readers == readers_.end()) return;
  for (std::int64_t reader : readers->second) {
    const Txn& other = txns_[reader];
    bool beside = other.committed == 0 || other.committed > txns_[txn].snapshot;
    if (beside) overlooks(reader, txn);
  }
}

void Conflicts::overlooks(std::int64_t reader, std::int64_t writer) {
  if (reader == writer || !txns_.contains(reader) || !txns_.contains(writer)) return;
  txns_[reader].out.insert(writer);
  txns_[writer].in.insert(reader);
}

// One that only reads is last in every cycle but for what it reads, so that the first of the cycle
// has committed before its snapshot was taken.
bool Conflicts::harmless_in(const Txn& in, std::int64_t out_committed) const {
  if (in.committed == 0) return false;
  return in.committed < out_committed || (!in.wrote && in.snapshot < out_committed);
}

bool Conflicts::may_commit(std::int64_t id, bool wrote) const {
  auto found = txns_.find(id);
  if (found == txns_.end()) return true;
  const Txn& txn = found->second;
  for (std::int64_t out : txn.out) {
    auto other = txns_.find(out);
    if (other == txns_.end() || other->second.committed == 0) continue;
    std::int64_t first = other->second.committed;
    // As the pivot.
    for (std::int64_t in : txn.in) {
      auto reader = txns_.find(in);
      if (reader == txns_.end()) continue;
      if (in == out || !harmless_in(reader->second, first)) return false;
    }
    // As the one before a pivot that has committed.
    if (other->second.first_out == 0) continue;
    bool reads_only = !wrote && txn.snapshot < other->second.first_out;
    if (!reads_only) return false;
  }
  return true;
}

void Conflicts::commit(std::int64_t id, std::int64_t time, bool wrote) {
  auto at = txns_.find(id);
  if (at == txns_.end()) return;
  Txn& txn = at->second;
  if (flaws_.read_only_untracked && !wrote) {
    erase(at);
    return;
  }
  txn.committed = time;
  txn.wrote = wrote;
  for (std::int64_t out : txn.out) {
    auto other = txns_.find(out);
    if (other == txns_.end() || other->second.committed == 0) continue;
    std::int64_t committed = other->second.committed;
    if (txn.first_out == 0 || committed < txn.first_out) txn.first_out = committed;
  }
  if (!flaws_.reads_forgotten_at_commit) return;
  for (std::int64_t key : txn.reads) readers_[key].erase(id);
}

void Conflicts::abort(std::int64_t id) {
  auto at = txns_.find(id);
  if (at != txns_.end()) erase(at);
}

void Conflicts::erase(std::map<std::int64_t, Txn>::iterator at) {
  for (std::int64_t key : at->second.reads) {
    auto readers = readers_.find(key);
    if (readers == readers_.end()) continue;
    readers->second.erase(at->first);
    if (readers->second.empty()) readers_.erase(readers);
  }
  for (std::int64_t in : at->second.in) {
    if (auto other = txns_.find(in); other != txns_.end()) other->second.out.erase(at->first);
  }
  for (std::int64_t out : at->second.out) {
    if (auto other = txns_.find(out); other != txns_.end()) other->second.in.erase(at->first);
  }
  txns_.erase(at);
}

void Conflicts::forget_before(std::int64_t snapshot) {
  for (auto at = txns_.begin(); at != txns_.end();) {
    auto present = at++;
    std::int64_t committed = present->second.committed;
    if (committed != 0 && committed <= snapshot) erase(present);
  }
}

}  // namespace sunder::mvcc
