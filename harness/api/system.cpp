#include "harness/api/system.h"

#include "harness/core/assert.h"

namespace sunder {

const std::string& ServicePlace::address_of(NodeId id) const {
  for (const auto& [node, address] : addresses) {
    if (node == id) return address;
  }
  ASSERT_MSG(false, to_string(id));
}

std::vector<std::uint16_t> ports_of(const System& system, std::uint16_t of_reference_nodes) {
  if (!system.service) return {of_reference_nodes};
  ASSERT_MSG(!system.service->ports.empty(), system.name);
  return system.service->ports;
}

}  // namespace sunder
