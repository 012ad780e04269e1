#pragma once
// Which slots of a frame are done, in as many words as the concurrency needs.

#include <array>
#include <cstdint>

#include "checker/linearizable/model.h"

namespace sunder::linearizable {

template <std::size_t W>
struct Bits {
  std::array<std::uint64_t, W> words{};

  bool test(std::uint32_t slot) const { return (words[slot / 64] >> (slot % 64) & 1) != 0; }
  void set(std::uint32_t slot) { words[slot / 64] |= std::uint64_t{1} << (slot % 64); }
  void clear(std::uint32_t slot) { words[slot / 64] &= ~(std::uint64_t{1} << (slot % 64)); }
  std::uint64_t hash(std::uint64_t seed) const {
    for (std::uint64_t word : words) seed = mix(seed, word);
    return seed;
  }
  bool operator==(const Bits&) const = default;
};

inline constexpr std::uint32_t slots_limit = 1024;

/// Calls visit with Bits of the size that so many slots need: 64, 256 or 1024 of them.
template <class Visit>
auto with_bits(std::uint32_t slots, Visit visit) {
  if (slots <= 64) return visit(Bits<1>{});
  if (slots <= 256) return visit(Bits<4>{});
  return visit(Bits<slots_limit / 64>{});
}

}  // namespace sunder::linearizable
