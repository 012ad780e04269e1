#include "checker/weak/history.h"

#include <unordered_map>

namespace sunder::weak {

Registers restrict(const Registers& registers, std::span<const Index> keep) {
  Registers part;
  part.keys = registers.keys;
  part.pending_since = registers.pending_since;
  part.operations.reserve(keep.size());
  std::unordered_map<Index, Index> place;  // looked up only
  std::uint32_t last_session = UINT32_MAX;
  for (Index at : keep) {
    Operation operation = registers[at];
    if (operation.session != last_session) {
      last_session = operation.session;
      part.session_begin.back() = static_cast<Index>(part.size());
      part.session_begin.push_back(0);
    }
    operation.session = static_cast<std::uint32_t>(part.sessions() - 1);
    place[at] = static_cast<Index>(part.size());
    part.operations.push_back(operation);
  }
  part.session_begin.back() = static_cast<Index>(part.size());
  for (Operation& operation : part.operations) {
    if (operation.is_read() && operation.source != initial) {
      operation.source = place.at(operation.source);
    }
  }
  return part;
}

}  // namespace sunder::weak
