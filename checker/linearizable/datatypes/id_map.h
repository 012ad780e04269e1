#pragma once
// Sets, multisets and maps of numbers, as states of models.

#include <bit>
#include <cstdint>
#include <memory>
#include <utility>

#include "checker/linearizable/model.h"

namespace sunder::linearizable {

/// A map from numbers to numbers other than 0, which stands for absent. A changed copy shares all
/// but some log n nodes with its original: models keep very many states that differ little.
/// (Patricia trees; Okasaki and Gill, Fast mergeable integer maps, 1998.) Equal maps have the same
/// shape, whatever was added and removed to get there.
class IdMap {
 public:
  bool empty() const { return root_ == nullptr; }
  std::size_t size() const { return root_ == nullptr ? 0 : root_->size; }     // of keys
  std::int64_t total() const { return root_ == nullptr ? 0 : root_->total; }  // of values
  std::uint64_t hash() const { return root_ == nullptr ? 0 : root_->hash; }
  std::int32_t operator[](std::int32_t key) const;  // 0 when absent
  std::int32_t least() const;                       // the least key. REQUIRES: !empty()
  IdMap with(std::int32_t key, std::int32_t value) const;
  bool operator==(const IdMap& other) const { return same(root_.get(), other.root_.get()); }

  /// Calls visit(key, value) in order of the keys.
  template <class Visit>
  void each(Visit visit) const {
    if (root_ != nullptr) each(*root_, visit);
  }

 private:
  struct Node;
  using Link = std::shared_ptr<const Node>;
  struct Node {
    std::uint32_t prefix = 0;  // the bits of its keys above `bit`; of a leaf all bits
    std::uint32_t bit = 0;     // the one by which its branches differ; 0: a leaf
    std::int32_t value = 0;    // of a leaf
    std::uint32_t size = 1;
    std::int64_t total = 0;
    std::uint64_t hash = 0;
    Link low;  // where the bit is 0
    Link high;
  };

  // Keys with their order as unsigned numbers.
  static std::uint32_t biased(std::int32_t key) {
    return static_cast<std::uint32_t>(key) ^ 0x80000000u;
  }
  static std::int32_t unbiased(std::uint32_t bits) {
    return static_cast<std::int32_t>(bits ^ 0x80000000u);
  }
  static bool below(const Node& node, std::uint32_t bits) {
    return node.bit == 0 ? bits == node.prefix : (bits & ~(2 * node.bit - 1)) == node.prefix;
  }
  static Link leaf(std::uint32_t bits, std::int32_t value);
  static Link branch(std::uint32_t prefix, std::uint32_t bit, Link low, Link high);
  static Link set(const Link& at, std::uint32_t bits, std::int32_t value);
  static Link join(const Link& at, std::uint32_t bits, std::int32_t value);
  static bool same(const Node* a, const Node* b);

  template <class Visit>
  static void each(const Node& node, Visit& visit) {
    if (node.bit == 0) return visit(unbiased(node.prefix), node.value);
    each(*node.low, visit);
    each(*node.high, visit);
  }

  Link root_;
};

inline std::uint64_t hash_of(const IdMap& state) { return mix(state.size(), state.hash()); }
/// About what a map that was changed once does not share.
inline std::size_t bytes_of(const IdMap& state) {
  return 72 * static_cast<std::size_t>(std::bit_width(state.size()) + 1);
}

}  // namespace sunder::linearizable
