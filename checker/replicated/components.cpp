#include "checker/replicated/components.h"

#include <algorithm>

namespace sunder::replicated {
namespace {

constexpr std::uint32_t none = UINT32_MAX;
constexpr std::size_t starts_limit = 64;  // nodes from which a short cycle is looked for

}  // namespace

// Documents repeat the same neighbours again and again, so edges are sorted and kept once.
void Components::compact() {
  std::sort(edges_.begin(), edges_.end());
  edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
  room_ = std::max(room_, 2 * edges_.size());
}

void Components::index_edges() {
  compact();
  first_.assign(nodes_ + 1, 0);
  loops_.assign(nodes_, false);
  for (const Edge& edge : edges_) {
    ++first_[edge.from + 1];
    if (edge.from == edge.to) loops_[edge.from] = cyclic_ = true;
  }
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
}

void Components::find_components() {
  index_edges();
  component_.assign(nodes_, none);
  std::vector<std::uint32_t> index(nodes_, none);
  std::vector<std::uint32_t> low(nodes_, 0);
  std::vector<std::uint32_t> at(first_.begin(), first_.end());  // by node: its next edge
  std::vector<std::uint32_t> open;
  std::vector<std::uint32_t> path;
  std::uint32_t count = 0;
  for (std::uint32_t root = 0; root < nodes_; ++root) {
    if (index[root] != none) continue;
    path.push_back(root);
    while (!path.empty()) {
      std::uint32_t node = path.back();
      if (index[node] == none) {
        index[node] = low[node] = count++;
        open.push_back(node);
      }
      if (at[node] < first_[node + 1]) {
        std::uint32_t next = edges_[at[node]++].to;
        if (index[next] == none) {
          path.push_back(next);
        } else if (component_[next] == none) {
          low[node] = std::min(low[node], index[next]);
        }
        continue;
      }
      path.pop_back();
      if (!path.empty()) low[path.back()] = std::min(low[path.back()], low[node]);
      if (low[node] != index[node]) continue;
      auto id = static_cast<std::uint32_t>(sizes_.size());
      sizes_.push_back(0);
      for (bool more = true; more; open.pop_back()) {
        more = open.back() != node;
        component_[open.back()] = id;
        ++sizes_[id];
      }
      cyclic_ = cyclic_ || sizes_[id] > 1;
    }
  }
}

std::vector<std::uint32_t> Components::shortest_cycle() const {
  std::uint32_t smallest = none;
  std::vector<std::uint32_t> starts;
  for (std::uint32_t node = 0; node < nodes_; ++node) {
    if (!on_cycle(node)) continue;
    std::uint32_t id = component_[node];
    if (smallest == none || sizes_[id] < sizes_[smallest]) {
      smallest = id;
      starts.clear();
    }
    if (id == smallest && starts.size() < starts_limit) starts.push_back(node);
  }
  std::vector<std::uint32_t> best;
  for (std::uint32_t start : starts) {
    std::vector<std::uint32_t> cycle = cycle_through(start);
    if (best.empty() || cycle.size() < best.size()) best = std::move(cycle);
  }
  return best;
}

std::vector<std::uint32_t> Components::cycle_through(std::uint32_t start) const {
  std::vector<std::uint32_t> from(nodes_, none);
  std::vector<std::uint32_t> queue{start};
  for (std::size_t i = 0; i < queue.size(); ++i) {
    std::uint32_t node = queue[i];
    for (std::uint32_t e = first_[node]; e < first_[node + 1]; ++e) {
      std::uint32_t next = edges_[e].to;
      if (next == start) {
        std::vector<std::uint32_t> cycle;
        for (std::uint32_t back = node; back != start; back = from[back]) cycle.push_back(back);
        cycle.push_back(start);
        std::reverse(cycle.begin(), cycle.end());
        return cycle;
      }
      if (component_[next] != component_[start] || from[next] != none) continue;
      from[next] = node;
      queue.push_back(next);
    }
  }
  return {};
}

}  // namespace sunder::replicated
