#include "checker/linearizable/datatypes/id_map.h"

namespace sunder::linearizable {

std::int32_t IdMap::operator[](std::int32_t key) const {
  std::uint32_t bits = biased(key);
  const Node* at = root_.get();
  while (at != nullptr && at->bit != 0) {
    at = ((bits & at->bit) == 0 ? at->low : at->high).get();
  }
  return at != nullptr && at->prefix == bits ? at->value : 0;
}

std::int32_t IdMap::least() const {
  const Node* at = root_.get();
  while (at->bit != 0) at = at->low.get();
  return unbiased(at->prefix);
}

IdMap IdMap::with(std::int32_t key, std::int32_t value) const {
  IdMap changed;
  changed.root_ = set(root_, biased(key), value);
  return changed;
}

IdMap::Link IdMap::leaf(std::uint32_t bits, std::int32_t value) {
  auto made = std::make_shared<Node>();
  made->prefix = bits;
  made->value = value;
  made->total = value;
  made->hash = mix(mix(1, bits), static_cast<std::uint32_t>(value));
  return made;
}

IdMap::Link IdMap::branch(std::uint32_t prefix, std::uint32_t bit, Link low, Link high) {
  auto made = std::make_shared<Node>();
  made->prefix = prefix;
  made->bit = bit;
  made->size = low->size + high->size;
  made->total = low->total + high->total;
  made->hash = low->hash + high->hash;
  made->low = std::move(low);
  made->high = std::move(high);
  return made;
}

IdMap::Link IdMap::set(const Link& at, std::uint32_t bits, std::int32_t value) {
  if (at == nullptr) return value == 0 ? nullptr : leaf(bits, value);
  if (!below(*at, bits)) return value == 0 ? at : join(at, bits, value);
  if (at->bit == 0) {
    if (at->value == value) return at;
    return value == 0 ? nullptr : leaf(bits, value);
  }
  bool into_low = (bits & at->bit) == 0;
  const Link& before = into_low ? at->low : at->high;
  const Link& other = into_low ? at->high : at->low;
  Link after = set(before, bits, value);
  if (after == before) return at;
  if (after == nullptr) return other;
  return into_low ? branch(at->prefix, at->bit, std::move(after), other)
                  : branch(at->prefix, at->bit, other, std::move(after));
}

// A new leaf beside a node that has another prefix.
IdMap::Link IdMap::join(const Link& at, std::uint32_t bits, std::int32_t value) {
  std::uint32_t bit = std::bit_floor(bits ^ at->prefix);
  std::uint32_t prefix = bits & ~(2 * bit - 1);
  Link added = leaf(bits, value);
  return (bits & bit) == 0 ? branch(prefix, bit, std::move(added), at)
                           : branch(prefix, bit, at, std::move(added));
}

bool IdMap::same(const Node* a, const Node* b) {
  if (a == b) return true;
  if (a == nullptr || b == nullptr || a->hash != b->hash || a->size != b->size ||
      a->prefix != b->prefix || a->bit != b->bit || a->value != b->value) {
    return false;
  }
  return a->bit == 0 || (same(a->low.get(), b->low.get()) && same(a->high.get(), b->high.get()));
}

}  // namespace sunder::linearizable
