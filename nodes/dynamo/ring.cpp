#include "nodes/dynamo/ring.h"

#include <algorithm>

namespace sunder::dynamo {
namespace {

constexpr std::size_t points_per_node = 16;
constexpr std::uint64_t salt_of_keys = 0x6b65'7973;

}  // namespace

// The finaliser of splitmix64 over both.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = a * 0x9e37'79b9'7f4a'7c15 + b;
  for (std::uint64_t factor : {0xbf58'476d'1ce4'e5b9, 0x94d0'49bb'1331'11eb}) {
    x = (x ^ (x >> 30)) * factor;
  }
  return x ^ (x >> 31);
}

Ring::Ring(std::size_t nodes, std::size_t replicas)
    : nodes_(nodes), replicas_(std::max<std::size_t>(std::min(replicas, nodes), 1)) {
  for (std::size_t node = 0; node < nodes; ++node) {
    for (std::size_t i = 0; i < points_per_node; ++i) points_.emplace_back(mix(node + 1, i), node);
  }
  std::sort(points_.begin(), points_.end());
}

std::vector<std::size_t> Ring::walk(std::int64_t key) const {
  std::uint64_t place = mix(static_cast<std::uint64_t>(key), salt_of_keys);
  auto at = std::lower_bound(points_.begin(), points_.end(), std::pair{place, std::size_t{0}});
  std::vector<std::size_t> order;
  std::vector<bool> met(nodes_);
  for (std::size_t i = 0; i < points_.size() && order.size() < nodes_; ++i, ++at) {
    if (at == points_.end()) at = points_.begin();
    if (met[at->second]) continue;
    met[at->second] = true;
    order.push_back(at->second);
  }
  return order;
}

std::vector<std::size_t> Ring::preference(std::int64_t key) const {
  std::vector<std::size_t> order = walk(key);
  order.resize(std::min(order.size(), replicas_));
  return order;
}

bool Ring::is_replica(std::size_t node, std::int64_t key) const {
  std::vector<std::size_t> replicas = preference(key);
  return std::find(replicas.begin(), replicas.end(), node) != replicas.end();
}

}  // namespace sunder::dynamo
