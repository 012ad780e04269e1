#pragma once
// Lists of numbers, as states of models.

#include <cstdint>
#include <memory>
#include <vector>

#include "checker/linearizable/model.h"

namespace sunder::linearizable {

/// A list that grows at its back and shrinks at both ends. A changed copy shares everything with
/// its original: models keep very many states that differ little. It is a window on a chain of
/// items that leads from the back to the front, with jumps that find any item in some log n steps
/// (Myers, An applicative random-access stack, 1983).
class Sequence {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::int32_t at(std::size_t index) const;  // from the front. REQUIRES: index < size()
  std::int32_t front() const { return at(0); }
  std::int32_t back() const { return last_->item; }
  Sequence pushed(std::int32_t item) const;  // behind all others
  Sequence without_front() const;            // REQUIRES: !empty(); so does the next one
  Sequence without_back() const;
  std::vector<std::int32_t> items() const;  // from the front
  std::uint64_t hash() const;
  bool operator==(const Sequence& other) const;

 private:
  struct Node {
    ~Node();
    std::int32_t item = 0;
    std::uint32_t depth = 0;   // 1 for the first of its chain
    std::uint64_t prefix = 0;  // hash of the chain up to here
    std::shared_ptr<Node> before;
    const Node* jump = nullptr;  // further back, kept alive by `before`; null: the beginning
  };

  const Node* node_at(std::uint32_t depth) const;

  std::shared_ptr<Node> last_;
  std::size_t size_ = 0;
};

inline std::uint64_t hash_of(const Sequence& state) { return state.hash(); }
/// What a sequence that grew by an item does not share.
inline std::size_t bytes_of(const Sequence&) { return 64; }

}  // namespace sunder::linearizable
