#pragma once
// How a history ended, from its ops: what converge() must know beside the registers.

#include <map>

#include "checker/staleness/converge.h"
#include "checker/staleness/faults.h"
#include "checker/weak/decode.h"

namespace sunder::staleness {

/// Fed every op of a history in order, like the decoder of its registers.
class EndingWatch {
 public:
  explicit EndingWatch(bool keyed) : keyed_(keyed) {}

  void feed(const OpView& op);
  /// Ends the watching.
  Ending take(const weak::Decoded& decoded);
  /// After take().
  const FaultWatch& faults() const { return faults_; }

 private:
  void give_up(const Value& key, Moment moment);

  bool keyed_;
  FaultWatch faults_;
  Instant last_ = at_start;
  std::map<std::int32_t, Value> open_;  // the key of each process's open write
  std::map<Value, Moment> given_up_;    // by key
};

}  // namespace sunder::staleness
