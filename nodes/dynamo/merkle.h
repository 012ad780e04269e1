#pragma once
// Hash trees over versions (Merkle, "A Digital Signature Based on a Conventional Encryption
// Function", CRYPTO 1987), with which two replicas find what they disagree about by talking about
// little else (DeCandia and others, SOSP 2007, section 4.7).

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "nodes/dynamo/messages.h"

namespace sunder::dynamo {

/// Keys are spread over leaves by their hash. A leaf's hash is a sum over its keys, so that one new
/// version costs one path to the root and not the whole leaf; inner hashes depend on the order of
/// their children.
class MerkleTree {
 public:
  static constexpr std::size_t levels = 4;  // the root is level 0
  static constexpr std::size_t branches = 8;
  static constexpr std::size_t leaves = 512;

  MerkleTree();
  static std::size_t leaf_of(std::int64_t key);

  /// A key's version was `before`, absent when its number is 0, and is `after` now.
  void replace(std::int64_t key, const Stamp& before, const Stamp& after);
  /// Nothing for what is not in the tree.
  std::optional<std::int64_t> hash(std::int64_t level, std::int64_t index) const;
  std::int64_t root() const { return static_cast<std::int64_t>(levels_[0][0]); }
  /// Where this tree differs from those nodes of another one, ascending.
  std::vector<std::int64_t> differences(const Tree& theirs) const;
  /// The children of those nodes, as a message. REQUIRES: the level is above the leaves.
  Tree children(std::int64_t level, const std::vector<std::int64_t>& nodes) const;

 private:
  std::array<std::vector<std::uint64_t>, levels> levels_;
};

}  // namespace sunder::dynamo
