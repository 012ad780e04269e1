#include "nodes/raft/voters.h"

#include <algorithm>
#include <functional>

namespace sunder::raft {
namespace {

bool is_majority(NodeSet nodes, NodeSet of) { return 2 * size_of(nodes & of) > size_of(of); }

}  // namespace

bool Voters::decided_by(NodeSet nodes) const {
  return is_majority(nodes, now) && (!joint() || is_majority(nodes, before));
}

std::int64_t Voters::reached(const Numbers& numbers) const {
  std::int64_t by_now = reached_by_majority(numbers, now, size_of(now));
  if (!joint()) return by_now;
  return std::min(by_now, reached_by_majority(numbers, before, size_of(before)));
}

std::int64_t reached_by_majority(const Numbers& numbers, NodeSet nodes, int size) {
  Numbers chosen{};
  std::size_t count = 0;
  for (std::size_t i = 0; i < voters_max; ++i) {
    if ((nodes >> i & 1) != 0) chosen[count++] = numbers[i];
  }
  auto majority = static_cast<std::size_t>(size / 2 + 1);
  if (majority > count) return 0;
  auto end = chosen.begin() + static_cast<std::ptrdiff_t>(count);
  auto middle = chosen.begin() + static_cast<std::ptrdiff_t>(majority - 1);
  std::nth_element(chosen.begin(), middle, end, std::greater<>());
  return *middle;
}

}  // namespace sunder::raft
