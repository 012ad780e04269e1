#pragma once
// Which crashed calls can matter: what the datatypes' prune() share.

#include <algorithm>
#include <map>
#include <vector>

#include "checker/linearizable/call.h"

namespace sunder::linearizable {

/// Of the crashed calls that equal a key of `limits`, leaves only as many as it says, the earliest.
/// For calls of which no more than that ever need to take effect: in a linearization an earlier
/// crashed call can stand wherever an equal later one does.
void keep_earliest(Operations& operations, std::map<Call, std::size_t> limits);

/// Leaves out the crashed calls that were invoked after the last return of a call that can tell:
/// whether they take effect, nobody sees. `tells(call)` says which calls can.
template <class Tells>
void drop_late(Operations& operations, Tells tells) {
  std::uint32_t end = 0;  // behind the last of these returns
  for (const Operation& operation : operations) {
    if (!operation.crashed() && tells(operation.call)) end = std::max(end, operation.returned + 1);
  }
  std::erase_if(operations, [&](const Operation& operation) {
    return operation.crashed() && operation.invoked >= end;
  });
}

}  // namespace sunder::linearizable
