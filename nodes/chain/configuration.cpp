#include "nodes/chain/configuration.h"

#include "harness/core/assert.h"

namespace sunder::chain {
namespace {

constexpr int member_bits = 4;
constexpr int members_max = 9;
constexpr std::int64_t member_mask = (1 << member_bits) - 1;

}  // namespace

Configuration first_configuration(std::span<const NodeId> peers) {
  return {.epoch = 1, .members = {peers.begin(), peers.end()}};
}

std::int64_t packed(const Configuration& configuration) {
  ASSERT(configuration.members.size() <= members_max);
  std::int64_t number = configuration.epoch;
  for (int place = members_max - 1; place >= 0; --place) {
    auto at = static_cast<std::size_t>(place);
    bool taken = at < configuration.members.size();
    number = number << member_bits | (taken ? configuration.members[at].index + 1 : 0);
  }
  return number;
}

std::optional<Configuration> unpacked(std::int64_t number) {
  Configuration configuration;
  if (number < 0) return {};
  for (int place = 0; place < members_max; ++place, number >>= member_bits) {
    std::int64_t member = number & member_mask;
    if (member == 0) continue;
    NodeId node = NodeId::node(static_cast<std::int32_t>(member - 1));
    bool follows = configuration.members.size() == static_cast<std::size_t>(place);
    if (!follows || configuration.place_of(node)) return {};
    configuration.members.push_back(node);
  }
  configuration.epoch = number;
  if (configuration.members.empty()) return {};
  return configuration;
}

}  // namespace sunder::chain
