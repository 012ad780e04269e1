#include "checker/linearizable/datatypes/crashed.h"

namespace sunder::linearizable {

void keep_earliest(Operations& operations, std::map<Call, std::size_t> limits) {
  std::erase_if(operations, [&](const Operation& operation) {
    if (!operation.crashed()) return false;
    auto limit = limits.find(operation.call);
    if (limit == limits.end()) return false;
    if (limit->second == 0) return true;
    --limit->second;
    return false;
  });
}

}  // namespace sunder::linearizable
