#pragma once
// Who seems to be up, by one phi accrual detector for each other node.

#include <vector>

#include "harness/api/runtime.h"
#include "nodes/dynamo/phi_accrual.h"

namespace sunder::dynamo {

class Liveness {
 public:
  /// Nodes count as up at first. `threshold` is the phi from which on they do not, in thousandths.
  Liveness(Runtime& runtime, Duration heartbeat, std::int64_t threshold)
      : runtime_(runtime),
        threshold_(threshold),
        detectors_(runtime.peers().size(), PhiAccrual(heartbeat, runtime.now())) {}

  void heard(std::size_t node) { detectors_[node].heard(runtime_.now()); }
  bool up(std::size_t node) const {
    return static_cast<std::int32_t>(node) == runtime_.self().index ||
           detectors_[node].phi_milli(runtime_.now()) < threshold_;
  }

 private:
  Runtime& runtime_;
  std::int64_t threshold_;
  std::vector<PhiAccrual> detectors_;  // by node
};

}  // namespace sunder::dynamo
