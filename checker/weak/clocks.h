#pragma once
// Vector clocks that share what they have in common.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sunder::weak {

/// Clocks over many sessions, most of them retired. A clock is the root of a persistent tree with
/// 16 children a node: clocks that agree on sessions share those nodes, so that joining and
/// comparing clocks costs what differs between them, not the number of sessions. Nodes are counted.
///
/// A clock gives every session a number, 0 at first. Handles are plain numbers: whoever has one
/// from fresh(), with(), joined() or keep() owes a drop().
class Clocks {
 public:
  using Clock = std::uint32_t;
  static constexpr Clock zero = 0;  // all numbers 0; may be kept and dropped like others

  explicit Clocks(std::size_t sessions);

  std::uint32_t at(Clock clock, std::uint32_t session) const;
  /// `clock` with another number for one session.
  Clock with(Clock clock, std::uint32_t session, std::uint32_t number);
  /// The greater number of both for every session.
  Clock joined(Clock a, Clock b);
  Clock keep(Clock clock);
  void drop(Clock clock);

  /// Calls visit(session, number in a, number in b) where the number in a is greater.
  template <class Visit>
  void each_greater(Clock a, Clock b, Visit visit) const {
    compare(a, b, height_, 0, visit);
  }

  std::size_t bytes() const { return nodes_.capacity() * (sizeof(Node) + sizeof(std::uint32_t)); }

 private:
  static constexpr std::size_t width = 16;
  using Node = std::array<std::uint32_t, width>;  // numbers in leaves, handles above

  Clock make(const Node& node);
  Clock with(Clock clock, int height, std::uint32_t session, std::uint32_t number);
  Clock joined(Clock a, Clock b, int height);
  Clock joined_leaves(Clock a, Clock b);
  void drop(Clock clock, int height);

  template <class Visit>
  void compare(Clock a, Clock b, int height, std::uint32_t first, Visit& visit) const {
    if (a == b || a == zero) return;
    const Node& mine = nodes_[a];
    const Node& other = nodes_[b];
    for (std::uint32_t i = 0; i < width; ++i) {
      if (height == 0) {
        if (mine[i] > other[i]) visit(first + i, mine[i], other[i]);
      } else if (mine[i] != other[i]) {
        compare(mine[i], other[i], height - 1, (first + i) << 4, visit);
      }
    }
  }

  int height_ = 0;  // levels above the leaves
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> counts_;  // of handles to each node
  std::vector<std::uint32_t> free_;
};

}  // namespace sunder::weak
