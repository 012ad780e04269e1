#pragma once
// Vector clocks (Fidge 1988, Mattern 1989) over nodes 0, 1 ...: one count for each node.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sunder::clock {

enum class Order : std::uint8_t { equal, before, after, concurrent };

/// How many events of each node are known. A node that is not mentioned has count 0, so vectors of
/// different lengths compare, and equal vectors have one text form whatever their history.
class VectorClock {
 public:
  VectorClock() = default;
  /// Counts by node index. Negative ones, which only damage makes, become 0.
  explicit VectorClock(std::vector<std::int64_t> counts);

  std::int64_t at(std::size_t node) const { return node < counts_.size() ? counts_[node] : 0; }
  /// Takes another count of a node when it is larger. REQUIRES: node < nodes_max
  void raise(std::size_t node, std::int64_t count);
  std::int64_t advance(std::size_t node);  // by one; the new count
  void merge(const VectorClock& other);    // the larger count of each node
  /// Whether everything that `other` knows is known here.
  bool covers(const VectorClock& other) const;
  Order compare(const VectorClock& other) const;

  const std::vector<std::int64_t>& counts() const { return counts_; }  // without zeros at its end
  bool operator==(const VectorClock&) const = default;

  static constexpr std::size_t nodes_max = 64;

 private:
  void trim();
  std::vector<std::int64_t> counts_;  // the last one is not 0
};

std::string to_string(const VectorClock& clock);  // "3,0,7"; empty when nothing is known
std::optional<VectorClock> parse_vector_clock(std::string_view text);

}  // namespace sunder::clock
