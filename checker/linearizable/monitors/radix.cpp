#include "checker/linearizable/monitors/radix.h"

#include <algorithm>
#include <array>

namespace sunder::linearizable {
namespace {

constexpr unsigned digit_bits = 11;
constexpr std::size_t digits = std::size_t{1} << digit_bits;

void sort_by_digit(const std::vector<Keyed>& from, std::vector<Keyed>& to, unsigned shift) {
  std::array<std::uint32_t, digits> place{};
  for (const Keyed& item : from) ++place[item.key >> shift & (digits - 1)];
  std::uint32_t before = 0;
  for (std::uint32_t& count : place) before += std::exchange(count, before);
  for (const Keyed& item : from) to[place[item.key >> shift & (digits - 1)]++] = item;
}

}  // namespace

void sort_by_key(std::vector<Keyed>& items) {
  auto before = [](const Keyed& a, const Keyed& b) { return a.key < b.key; };
  if (items.size() < digits / 4) {
    std::stable_sort(items.begin(), items.end(), before);
    return;
  }
  std::uint32_t largest = std::max_element(items.begin(), items.end(), before)->key;
  std::vector<Keyed> other(items.size());
  for (unsigned shift = 0; shift < 32 && largest >> shift != 0; shift += digit_bits) {
    sort_by_digit(items, other, shift);
    items.swap(other);
  }
}

}  // namespace sunder::linearizable
