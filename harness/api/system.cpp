#include "harness/api/system.h"

#include <algorithm>

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

const Instruction* System::find_instruction(std::string_view verb) const {
  auto found = std::find_if(instructions.begin(), instructions.end(),
                            [&](const Instruction& known) { return known.verb == verb; });
  return found == instructions.end() ? nullptr : &*found;
}

}  // namespace sunder
