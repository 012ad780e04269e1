#pragma once
// The phi accrual failure detector: Hayashibara, Defago, Yared and Katayama, "The Phi Accrual
// Failure Detector", SRDS 2004, section 4.

#include <cstdint>
#include <deque>

#include "harness/core/time.h"

namespace sunder::dynamo {

/// Listens to the heartbeats of one node and says how surely it is down, instead of yes or no:
/// phi = -log10 of the probability that a heartbeat comes later than now, if the intervals so far
/// are samples of a normal distribution. At phi = 1 one suspicion in ten is wrong, at 2 one in a
/// hundred. In integers, so that every machine suspects at the same moment.
class PhiAccrual {
 public:
  /// `expected` is the interval at which heartbeats are sent: the first sample, and the measure of
  /// what is plausible. From `now` on the node counts as heard.
  PhiAccrual(Duration expected, Instant now);

  void heard(Instant now);
  /// In thousandths, at most `phi_max`.
  std::int64_t phi_milli(Instant now) const;

  static constexpr std::int64_t phi_max = 12'000;

 private:
  Duration deviation() const;

  Duration expected_;
  Instant last_;
  std::deque<Duration> window_;  // the latest intervals, the oldest first
  Duration sum_{0};
};

}  // namespace sunder::dynamo
