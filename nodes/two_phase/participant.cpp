#include "nodes/two_phase/participant.h"

#include <algorithm>

namespace sunder::two_phase {
namespace {

// A read that waits longer was given up long ago.
constexpr Duration waiting_max = std::chrono::seconds(2);
constexpr Duration patience_of_flaw = std::chrono::milliseconds(300);

}  // namespace

const Version& Participant::at(std::int64_t key, std::int64_t time) const {
  auto found = versions_.find(key);
  if (found == versions_.end()) return nothing_;
  const std::vector<Version>& all = found->second;
  auto newer = std::upper_bound(all.begin(), all.end(), time,
                                [](std::int64_t t, const Version& v) { return t < v.time; });
  return newer == all.begin() ? nothing_ : *(newer - 1);
}

// A writer's commit is above its own snapshot, so that one with a newer snapshot than the read's is
// none of its business.
bool Participant::must_wait(const Fetch& fetch) const {
  if (config_.flaws.reads_ignore_locks) return false;
  auto lock = locks_.find(fetch.key);
  if (lock == locks_.end() || lock->second.writer == 0) return false;
  auto writer = prepared_.find(lock->second.writer);
  return writer != prepared_.end() && writer->second.prepare.snapshot < fetch.snapshot;
}

void Participant::on_fetch(NodeId source, const Fetch& fetch) {
  if (!must_wait(fetch)) {
    post_.send(source, Message(Fetched{fetch.ask, at(fetch.key, fetch.snapshot)}));
    return;
  }
  post_.runtime().probe("a read waited for a prepared write");
  for (const Waiting& other : waiting_) {
    if (other.source == source && other.fetch == fetch) return;
  }
  waiting_.push_back({source, fetch, post_.runtime().now()});
}

void Participant::answer_waiting() {
  std::vector<Waiting> all = std::move(waiting_);
  waiting_.clear();
  for (Waiting& one : all) {
    if (must_wait(one.fetch)) {
      waiting_.push_back(std::move(one));
    } else {
      on_fetch(one.source, one.fetch);
    }
  }
}

bool Participant::lockable(const Prepare& prepare) const {
  auto fresh = [&](std::int64_t key) { return at(key, INT64_MAX).time <= prepare.snapshot; };
  for (std::int64_t key : prepare.reads) {
    auto lock = locks_.find(key);
    bool free = lock == locks_.end() || lock->second.writer == 0;
    if (!free || !fresh(key)) return false;
  }
  for (const Write& write : prepare.writes) {
    auto lock = locks_.find(write.key);
    bool free = lock == locks_.end() || (lock->second.writer == 0 && lock->second.readers.empty());
    if (config_.flaws.lock_failure_ignored) free = true;
    if (!free || !fresh(write.key)) return false;
  }
  return true;
}

void Participant::on_prepare(NodeId coordinator, const Prepare& prepare) {
  bool yes = prepared_.contains(prepare.txn);
  if (!yes && lockable(prepare)) {
    yes = true;
    hold(coordinator, prepare);
    journal_.prepared(coordinator, prepare);
    if (!config_.flaws.vote_before_sync) post_.runtime().storage().sync();
  }
  if (!yes) post_.runtime().probe("a transaction was voted down");
  post_.send(coordinator, Message(Vote{prepare.txn, prepare.snapshot, yes}));
}

void Participant::hold(NodeId coordinator, Prepare prepare) {
  for (std::int64_t key : prepare.reads) locks_[key].readers.insert(prepare.txn);
  for (const Write& write : prepare.writes) locks_[write.key].writer = prepare.txn;
  std::int64_t txn = prepare.txn;
  prepared_[txn] = {coordinator, std::move(prepare), post_.runtime().now()};
}

void Participant::on_decide(const Decide& decide) {
  auto found = prepared_.find(decide.txn);
  if (found == prepared_.end()) return;  // heard before, or voted down
  journal_.ended(decide.txn, decide.time);
  std::string_view kind = decide.time > 0 ? "applied" : "rolled-back";
  post_.runtime().trace({.kind = kind, .numbers = {{{"txn", decide.txn}, {"at", decide.time}}}});
  end(decide.txn, decide.time);
  answer_waiting();
}

void Participant::end(std::int64_t txn, std::int64_t time) {
  auto found = prepared_.find(txn);
  if (found == prepared_.end()) return;
  Prepare prepare = std::move(found->second.prepare);
  prepared_.erase(found);
  release(prepare);
  if (time > 0) apply(prepare, time);
}

void Participant::release(const Prepare& prepare) {
  auto drop = [&](std::int64_t key) {
    auto lock = locks_.find(key);
    if (lock == locks_.end()) return;
    lock->second.readers.erase(prepare.txn);
    if (lock->second.writer == prepare.txn) lock->second.writer = 0;
    if (lock->second.writer == 0 && lock->second.readers.empty()) locks_.erase(lock);
  };
  for (std::int64_t key : prepare.reads) drop(key);
  for (const Write& write : prepare.writes) drop(write.key);
}

void Participant::apply(const Prepare& prepare, std::int64_t time) {
  for (const Write& write : prepare.writes) {
    std::vector<Version>& all = versions_[write.key];
    auto next = std::upper_bound(all.begin(), all.end(), time,
                                 [](std::int64_t t, const Version& v) { return t < v.time; });
    bool begun = next != all.begin() && (next - 1)->writer == prepare.txn;
    if (!begun) {
      Version version{time, prepare.txn, 0, {}};
      if (next != all.begin()) version.items = (next - 1)->items;
      next = all.insert(next, std::move(version)) + 1;
    }
    Version& version = *(next - 1);
    if (!write.append) version.items.clear();
    version.items.push_back(write.value);
    version.number = write.number;
  }
}

void Participant::on_tick() {
  Instant now = post_.runtime().now();
  std::erase_if(waiting_, [&](const Waiting& one) { return now - one.since > waiting_max; });
  std::vector<std::int64_t> given_up;
  for (const auto& [txn, prepared] : prepared_) {
    if (now - prepared.since < config_.retransmit) continue;
    post_.runtime().probe("a participant was in doubt");
    if (!config_.flaws.nobody_asks) post_.send(prepared.coordinator, Message(Inquire{txn}));
    bool impatient = now - prepared.since >= patience_of_flaw;
    if (config_.flaws.participant_gives_up && impatient) given_up.push_back(txn);
  }
  for (std::int64_t txn : given_up) on_decide({txn, 0});
}

void Participant::recover_prepared(NodeId coordinator, Prepare prepare) {
  hold(coordinator, std::move(prepare));
}

void Participant::recover_ended(std::int64_t txn, std::int64_t time) { end(txn, time); }

void Participant::after_recovery() {
  if (!prepared_.empty()) post_.runtime().probe("prepared transactions survived a restart");
  if (!config_.flaws.prepared_lost_on_restart) return;
  for (const auto& [txn, prepared] : prepared_) release(prepared.prepare);
  prepared_.clear();
}

}  // namespace sunder::two_phase
