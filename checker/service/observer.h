#pragma once
// What a history shows of a service from outside: which operations ended how and when, which faults
// were on meanwhile, and who the nodes are.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/api/checker.h"

namespace sunder::service {

/// One client operation. Left open by the end of the history, it is info and completed at that end.
struct EndedOp {
  std::int32_t process = 0;
  Instant invoked;
  Instant completed;
  Phase phase = Phase::info;
};

/// How many operations were tried, and how many of them were ok.
struct Rate {
  std::int64_t invoked = 0;
  std::int64_t ok = 0;
  void add(const EndedOp& op) {
    ++invoked;
    ok += op.phase == Phase::ok ? 1 : 0;
  }
  std::int64_t per_mille() const { return invoked == 0 ? 0 : ok * 1000 / invoked; }
};
Value to_value(const Rate& rate);  // {invoked, ok, ok_per_mille}

/// Collects all of it from the ops of a history in order. Any history: nothing is trusted.
class Observer {
 public:
  void feed(const OpView& op);
  /// Ends the collection: sorts the operations by their invocation and finds the faults.
  void finish();

  // These REQUIRE finish().
  const std::vector<EndedOp>& ops() const { return ops_; }  // by time of invocation
  const std::vector<FaultWindow>& windows() const { return windows_; }
  /// When it was proved to have struck, which is later than when it began to.
  Instant struck(std::size_t window) const { return struck_[window]; }
  /// When it began to be undone, which ends later, with the proof that it is; `never` without end.
  Instant undone(std::size_t window) const { return undone_[window]; }
  /// The operations invoked in [begin, end).
  std::span<const EndedOp> between(Instant begin, Instant end) const;
  bool in_fault(Instant moment) const;  // of any confirmed fault

  /// The nodes that a control op reported, by name; empty when none did.
  const std::vector<std::string>& nodes() const { return nodes_; }
  /// When the last proof of healing completed ok; `never` without one.
  Instant healed() const { return healed_; }

 private:
  void note_control(const OpView& op);

  std::vector<EndedOp> ops_;
  std::map<std::int32_t, std::size_t> open_;  // process -> its place in ops_
  HistoryBuilder faults_;                     // the nemesis ops alone
  std::vector<FaultWindow> windows_;
  std::vector<Instant> struck_;  // by window
  std::vector<Instant> undone_;
  std::vector<std::pair<Instant, Instant>> faulty_;  // apart, ascending: a confirmed fault was on
  std::vector<std::string> nodes_;
  Instant healed_ = never;
  Instant last_ = at_start;
};

}  // namespace sunder::service
