#include "nodes/dynamo/merkle.h"

#include <algorithm>

#include "nodes/dynamo/ring.h"

namespace sunder::dynamo {
namespace {

constexpr std::uint64_t salt_of_leaves = 0x6c65'6166;

std::uint64_t hash_of(std::int64_t key, const Stamp& stamp) {
  if (stamp.number == 0) return 0;
  std::uint64_t hash = static_cast<std::uint64_t>(key);
  for (std::int64_t part : {stamp.number, stamp.node, stamp.boot}) {
    hash = mix(hash, static_cast<std::uint64_t>(part));
  }
  return hash;
}

}  // namespace

MerkleTree::MerkleTree() {
  std::size_t width = 1;
  for (std::vector<std::uint64_t>& level : levels_) {
    level.assign(width, 0);
    width *= branches;
  }
}

std::size_t MerkleTree::leaf_of(std::int64_t key) {
  return mix(static_cast<std::uint64_t>(key), salt_of_leaves) % leaves;
}

void MerkleTree::replace(std::int64_t key, const Stamp& before, const Stamp& after) {
  std::size_t index = leaf_of(key);
  levels_.back()[index] += hash_of(key, after) - hash_of(key, before);
  for (std::size_t level = levels - 1; level > 0; --level) {
    index /= branches;
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < branches; ++i) {
      hash = mix(hash, levels_[level][index * branches + i]);
    }
    levels_[level - 1][index] = hash;
  }
}

std::optional<std::int64_t> MerkleTree::hash(std::int64_t level, std::int64_t index) const {
  if (level < 0 || level >= static_cast<std::int64_t>(levels)) return {};
  const std::vector<std::uint64_t>& row = levels_[static_cast<std::size_t>(level)];
  if (index < 0 || index >= std::ssize(row)) return {};
  return static_cast<std::int64_t>(row[static_cast<std::size_t>(index)]);
}

std::vector<std::int64_t> MerkleTree::differences(const Tree& theirs) const {
  std::vector<std::int64_t> indexes;
  for (const TreeNode& node : theirs.nodes) {
    std::optional<std::int64_t> own = hash(theirs.level, node.index);
    if (own && *own != node.hash) indexes.push_back(node.index);
  }
  std::sort(indexes.begin(), indexes.end());
  indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
  return indexes;
}

Tree MerkleTree::children(std::int64_t level, const std::vector<std::int64_t>& nodes) const {
  Tree message{.level = level + 1, .nodes = {}};
  constexpr auto width = static_cast<std::int64_t>(branches);
  for (std::int64_t node : nodes) {
    for (std::int64_t index = node * width; index < (node + 1) * width; ++index) {
      if (auto own = hash(level + 1, index)) message.nodes.push_back({index, *own});
    }
  }
  return message;
}

}  // namespace sunder::dynamo
