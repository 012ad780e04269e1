#include "checker/linearizable/datatypes/sequence.h"

#include <algorithm>

namespace sunder::linearizable {
namespace {

// The hash of items x1 .. xn is the sum of h(xi) * base^(n - i), modulo 2^64: that of a window is
// found from those of two prefixes.
constexpr std::uint64_t base = 0xd1342543de82ef95u;

std::uint64_t base_to(std::size_t power) {
  std::uint64_t result = 1;
  for (std::uint64_t square = base; power != 0; power /= 2, square *= square) {
    if (power % 2 == 1) result *= square;
  }
  return result;
}

}  // namespace

// Link by link: with a destructor that calls the next one's, long chains would overflow the stack.
Sequence::Node::~Node() {
  std::shared_ptr<Node> next = std::move(before);
  while (next != nullptr && next.use_count() == 1) next = std::move(next->before);
}

const Sequence::Node* Sequence::node_at(std::uint32_t depth) const {
  const Node* node = last_.get();
  while (node->depth > depth) {
    bool far = node->jump != nullptr && node->jump->depth >= depth;
    node = far ? node->jump : node->before.get();
  }
  return node;
}

std::int32_t Sequence::at(std::size_t index) const {
  return node_at(last_->depth - static_cast<std::uint32_t>(size_ - 1 - index))->item;
}

Sequence Sequence::pushed(std::int32_t item) const {
  auto depth_of = [](const Node* node) { return node == nullptr ? 0 : node->depth; };
  auto node = std::make_shared<Node>();
  node->item = item;
  node->depth = depth_of(last_.get()) + 1;
  node->prefix = mix(1, static_cast<std::uint32_t>(item));
  if (last_ != nullptr) {
    node->prefix += last_->prefix * base;
    const Node* jump = last_->jump;
    const Node* next_jump = jump == nullptr ? nullptr : jump->jump;
    bool even = last_->depth - depth_of(jump) == depth_of(jump) - depth_of(next_jump);
    node->jump = even ? next_jump : last_.get();
    node->before = last_;
  }
  Sequence longer;
  longer.last_ = std::move(node);
  longer.size_ = size_ + 1;
  return longer;
}

Sequence Sequence::without_front() const {
  Sequence shorter;
  if (size_ > 1) shorter.last_ = last_;
  shorter.size_ = size_ - 1;
  return shorter;
}

Sequence Sequence::without_back() const {
  Sequence shorter;
  if (size_ > 1) shorter.last_ = last_->before;
  shorter.size_ = size_ - 1;
  return shorter;
}

std::vector<std::int32_t> Sequence::items() const {
  std::vector<std::int32_t> items(size_);
  const Node* node = last_.get();
  for (std::size_t i = size_; i-- > 0; node = node->before.get()) items[i] = node->item;
  return items;
}

std::uint64_t Sequence::hash() const {
  if (size_ == 0) return 0;
  if (size_ == last_->depth) return mix(size_, last_->prefix);
  const Node* before = node_at(last_->depth - static_cast<std::uint32_t>(size_));
  return mix(size_, last_->prefix - before->prefix * base_to(size_));
}

bool Sequence::operator==(const Sequence& other) const {
  if (size_ != other.size_) return false;
  const Node* a = last_.get();
  const Node* b = other.last_.get();
  for (std::size_t left = size_; left > 0 && a != b; --left) {
    if (a->item != b->item) return false;
    a = a->before.get();
    b = b->before.get();
  }
  return true;
}

}  // namespace sunder::linearizable
