#include "tests/checker/support/brute_force.h"

#include <algorithm>
#include <functional>

namespace sunder::testing_support {

using linearizable::RegisterModel;
using linearizable::RegisterOperation;

bool brute_force(const RegisterModel& model, const std::vector<RegisterOperation>& operations) {
  std::vector<bool> placed(operations.size(), false);
  // Extends a partial order; a call may come next when every call that returned before it was
  // invoked has been placed. Complete when all calls that returned are placed.
  std::function<bool(std::int32_t)> extend = [&](std::int32_t state) {
    bool complete = true;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      complete = complete && (placed[i] || operations[i].crashed());
    }
    if (complete) return true;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      if (placed[i]) continue;
      bool may_come_next = true;
      for (std::size_t j = 0; j < operations.size(); ++j) {
        if (!placed[j] && operations[j].returned < operations[i].invoked) may_come_next = false;
      }
      if (!may_come_next) continue;
      std::optional<std::int32_t> next = model.step(state, operations[i].call);
      if (!next) continue;
      placed[i] = true;
      if (extend(*next)) return true;
      placed[i] = false;
    }
    return false;
  };
  return extend(model.initial());
}

}  // namespace sunder::testing_support
