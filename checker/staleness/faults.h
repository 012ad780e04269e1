#pragma once
// Which faults were on at a moment, and since when all was quiet.

#include <map>
#include <string>
#include <vector>

#include "checker/staleness/clusters.h"
#include "harness/api/checker.h"

namespace sunder::staleness {

/// Times of one kind of fault, in nanoseconds since the run began: half-open, disjoint, in order.
using Times = std::vector<std::pair<std::int64_t, std::int64_t>>;
bool within(const Times& times, std::int64_t at);

/// Fed the ops of a history that are not of clients.
class FaultWatch {
 public:
  void feed(const OpView& op);
  /// Ends the watching. `last` is the time of the history's last op.
  void finish(Instant last);

  /// With control ops, the last verify-healed or await-ready that ended ok; without, the last op of
  /// a nemesis. Before all, when there was none of either.
  Moment quiet() const { return quiet_; }
  /// After finish(): why nothing was quiet then, a whole sentence; empty when it was.
  std::string unrest() const;
  /// After finish(): when faults were on, by kind.
  const std::map<std::string, Times>& times() const { return times_; }

 private:
  HistoryBuilder nemeses_;
  std::map<std::string, Times> times_;
  std::string still_on_;     // the kind of a fault that was never lifted
  bool controlled_ = false;  // there are control ops
  bool disturbed_ = false;   // a nemesis acted, and no verify-healed ended ok afterwards
  Moment quiet_{-1, 0};
};

}  // namespace sunder::staleness
