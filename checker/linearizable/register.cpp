#include "checker/linearizable/register.h"

#include <algorithm>
#include <set>

namespace sunder::linearizable {

void drop_idle_crashes(std::vector<RegisterOperation>& operations) {
  for (bool changed = true; changed;) {
    std::set<std::int32_t> needed;
    bool difference = false;
    for (const RegisterOperation& operation : operations) {
      if (std::optional<std::int32_t> value = operation.call.needs()) needed.insert(*value);
      difference |= operation.call.kind == RegisterCall::Kind::failed_cas && !operation.crashed();
    }
    std::size_t removed = std::erase_if(operations, [&](const RegisterOperation& operation) {
      if (!operation.crashed()) return false;
      std::optional<std::int32_t> leaves = operation.call.leaves();
      return !leaves || (!difference && !needed.contains(*leaves));
    });
    changed = removed != 0 && !difference;
  }
}

}  // namespace sunder::linearizable
