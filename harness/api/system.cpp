#include "harness/api/system.h"

#include "harness/core/assert.h"

namespace sunder {

const std::string& ServicePlace::address_of(NodeId id) const {
  for (const auto& [node, address] : addresses) {
    if (node == id) return address;
  }
  ASSERT_MSG(false, to_string(id));
}

}  // namespace sunder
