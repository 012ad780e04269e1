#pragma once
// Requests that the network has doubled.

#include <cstdint>
#include <map>

#include "harness/core/node_id.h"

namespace sunder::registers {

/// Tells a client's new requests from copies of old ones, by their growing numbers. It forgets at a
/// restart: a copy that is older than that is carried out again, as no connection would allow.
class OnceOnly {
 public:
  bool is_new(NodeId client, std::int64_t msg_id) {
    auto [at, fresh] = last_.try_emplace(client, msg_id);
    if (!fresh && msg_id <= at->second) return false;
    at->second = msg_id;
    // Client numbers grow, so that the lowest has long been retired.
    if (last_.size() > clients_max) last_.erase(last_.begin());
    return true;
  }

 private:
  static constexpr std::size_t clients_max = 4096;
  std::map<NodeId, std::int64_t> last_;  // by client: of its newest request
};

}  // namespace sunder::registers
