#pragma once
// Strongly connected components of a graph of small numbers, and a short cycle in them.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sunder::replicated {

class Components {
 public:
  /// Nodes are 0 to nodes - 1.
  explicit Components(std::size_t nodes) : nodes_(nodes) {}

  void add(std::uint32_t from, std::uint32_t to) {
    if (edges_.size() == room_) compact();
    edges_.push_back({from, to});
  }
  /// To be called once, after the last edge (Tarjan, SIAM J. Computing 1972).
  void find_components();

  bool cyclic() const { return cyclic_; }
  std::uint32_t component(std::uint32_t node) const { return component_[node]; }
  /// Whether some cycle goes through the node.
  bool on_cycle(std::uint32_t node) const { return sizes_[component_[node]] > 1 || loops_[node]; }
  /// A cycle, node after node; the shortest one through some node of the smallest component that
  /// has any. REQUIRES: cyclic().
  std::vector<std::uint32_t> shortest_cycle() const;

 private:
  struct Edge {
    std::uint32_t from;
    std::uint32_t to;
    auto operator<=>(const Edge&) const = default;
  };
  void compact();
  void index_edges();
  std::vector<std::uint32_t> cycle_through(std::uint32_t start) const;

  std::size_t nodes_;
  std::size_t room_ = std::size_t{1} << 22;  // edges before equal ones are looked for
  std::vector<Edge> edges_;                  // sorted and each once as soon as indexed
  std::vector<std::uint32_t> first_;         // by node: its first edge
  std::vector<std::uint32_t> component_;
  std::vector<std::uint32_t> sizes_;  // by component
  std::vector<bool> loops_;           // by node: it has an edge to itself
  bool cyclic_ = false;
};

}  // namespace sunder::replicated
