#pragma once
// The name of a write on quorums.

#include <compare>
#include <cstdint>
#include <tuple>

#include "harness/core/codec.h"

namespace sunder::registers {

/// Orders the writes of a key. Two writes never share one: a coordinator numbers each of its boots,
/// and within a boot gives no two writes of a key one number.
struct Stamp {
  std::int64_t number = 0;  // 0: never written
  std::int64_t node = 0;    // index of the coordinator
  std::int64_t boot = 0;    // of the coordinator
  static constexpr auto fields() {
    return std::tuple{field("number", &Stamp::number), field("node", &Stamp::node),
                      field("boot", &Stamp::boot)};
  }
  auto operator<=>(const Stamp&) const = default;
};

}  // namespace sunder::registers
