#pragma once
// Sorting by small keys in linear time: monitors spend most of their time on it.

#include <cstdint>
#include <vector>

namespace sunder::linearizable {

struct Keyed {
  std::uint32_t key;
  std::uint32_t index;
};

/// Sorts by key; equal keys keep their order.
void sort_by_key(std::vector<Keyed>& items);

}  // namespace sunder::linearizable
