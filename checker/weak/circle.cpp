#include "checker/weak/circle.h"

#include <algorithm>
#include <numeric>

namespace sunder::weak {
namespace {

/// Edges in rows by their origin. Nodes are the operations and, with real time, one instant for
/// each return: an operation leads to the instant of its return, each instant to the next, and the
/// last instant before an invocation to that operation.
class Graph {
 public:
  Graph(const Registers& registers, std::span<const Constraint> constraints, BaseOrder base)
      : registers_(registers), constraints_(constraints), base_(base) {
    if (base.real_time) sort_events();
    nodes_ = registers.size() + returns_.size();
    rows_.assign(nodes_ + 1, 0);
    each_edge([&](std::uint32_t from, std::uint32_t, std::uint32_t) { ++rows_[from + 1]; });
    std::partial_sum(rows_.begin(), rows_.end(), rows_.begin());
    targets_.resize(rows_.back());
    labels_.resize(rows_.back());
    std::vector<std::uint32_t> next(rows_.begin(), rows_.end() - 1);
    each_edge([&](std::uint32_t from, std::uint32_t to, std::uint32_t label) {
      targets_[next[from]] = to;
      labels_[next[from]++] = label;
    });
  }

  /// Nodes that a circle leads to or holds: what is left after taking away, again and again, nodes
  /// without an edge into them. Empty when that takes all away.
  std::vector<bool> behind_circles() const {
    std::vector<bool> left(nodes_, true);
    std::vector<std::uint32_t> in(nodes_);
    for (std::uint32_t to : targets_) ++in[to];
    std::vector<std::uint32_t> ready;
    for (std::uint32_t node = 0; node < nodes_; ++node) {
      if (in[node] == 0) ready.push_back(node);
    }
    std::size_t taken = 0;
    for (; !ready.empty(); ++taken) {
      std::uint32_t node = ready.back();
      ready.pop_back();
      left[node] = false;
      for (std::uint32_t edge = rows_[node]; edge < rows_[node + 1]; ++edge) {
        if (--in[targets_[edge]] == 0) ready.push_back(targets_[edge]);
      }
    }
    if (taken == nodes_) return {};
    return left;
  }

  /// The edges of a shortest circle through `start` among the nodes left; empty when there is none.
  std::vector<std::uint32_t> circle_through(std::uint32_t start, const std::vector<bool>& left,
                                            std::size_t length_max) {
    if (reached_by_.empty()) reached_by_.assign(nodes_, unreached);
    std::vector<std::uint32_t> queue{start};
    std::uint32_t closing = unreached;
    for (std::size_t at = 0; at < queue.size() && closing == unreached; ++at) {
      std::uint32_t node = queue[at];
      for (std::uint32_t edge = rows_[node]; edge < rows_[node + 1]; ++edge) {
        std::uint32_t target = targets_[edge];
        if (target == start) {
          closing = edge;
          break;
        }
        if (!left[target] || reached_by_[target] != unreached) continue;
        reached_by_[target] = edge;
        queue.push_back(target);
      }
    }
    std::vector<std::uint32_t> way;
    for (std::uint32_t edge = closing; edge != unreached && way.size() < length_max;) {
      way.push_back(edge);
      std::uint32_t from = origin(edge);
      edge = from == start ? unreached : reached_by_[from];
    }
    for (std::uint32_t node : queue) reached_by_[node] = unreached;
    std::reverse(way.begin(), way.end());
    return way;
  }

  /// The constraints that a circle of edges says, instants left out.
  std::vector<Constraint> told(const std::vector<std::uint32_t>& circle) const {
    std::vector<Constraint> constraints;
    for (std::uint32_t edge : circle) {
      std::uint32_t from = origin(edge);
      std::uint32_t to = targets_[edge];
      if (labels_[edge] < constraints_.size()) {
        constraints.push_back(constraints_[labels_[edge]]);
      } else if (from >= registers_.size()) {
        if (to < registers_.size() && !constraints.empty()) constraints.back().after = to;
      } else if (to >= registers_.size()) {
        constraints.push_back({.before = from, .after = initial, .why = Why::real_time});
      } else {
        bool read = registers_[to].is_read() && registers_[to].source == from;
        constraints.push_back(
            {.before = from, .after = to, .why = read ? Why::reads_from : Why::session});
      }
    }
    return constraints;
  }

  bool is_operation(std::uint32_t node) const { return node < registers_.size(); }
  std::size_t nodes() const { return nodes_; }

 private:
  static constexpr std::uint32_t unreached = UINT32_MAX;

  std::uint32_t origin(std::uint32_t edge) const {
    auto row = std::upper_bound(rows_.begin(), rows_.end(), edge);
    return static_cast<std::uint32_t>(row - rows_.begin() - 1);
  }

  void sort_events() {
    for (Index i = 0; i < registers_.size(); ++i) {
      if (registers_[i].returned != never) returns_.push_back(i);
    }
    std::sort(returns_.begin(), returns_.end(),
              [this](Index a, Index b) { return registers_[a].returned < registers_[b].returned; });
  }

  // label: index of the constraint; past them for the base order.
  template <class Visit>
  void each_edge(Visit visit) const {
    auto base = static_cast<std::uint32_t>(constraints_.size());
    for (Index i = 0; i < registers_.size() && base_.causal; ++i) {
      if (registers_.has_previous(i)) visit(i - 1, i, base);
      if (registers_[i].is_read() && registers_[i].source != initial) {
        visit(registers_[i].source, i, base);
      }
    }
    for (std::uint32_t i = 0; i < constraints_.size(); ++i) {
      if (constraints_[i].before == initial) continue;
      visit(constraints_[i].before, constraints_[i].after, i);
    }
    if (base_.real_time) each_instant(visit, base);
  }

  template <class Visit>
  void each_instant(Visit visit, std::uint32_t label) const {
    auto first = static_cast<std::uint32_t>(registers_.size());
    for (std::uint32_t i = 0; i < returns_.size(); ++i) {
      visit(returns_[i], first + i, label);
      if (i != 0) visit(first + i - 1, first + i, label);
    }
    for (Index i = 0; i < registers_.size(); ++i) {
      auto later = std::partition_point(returns_.begin(), returns_.end(), [&](Index other) {
        return registers_[other].returned < registers_[i].invoked;
      });
      if (later != returns_.begin()) {
        visit(first + static_cast<std::uint32_t>(later - returns_.begin()) - 1, i, label);
      }
    }
  }

  const Registers& registers_;
  std::span<const Constraint> constraints_;
  BaseOrder base_;
  std::vector<Index> returns_;  // operations by the time of their returns
  std::size_t nodes_ = 0;
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint32_t> targets_;
  std::vector<std::uint32_t> labels_;
  std::vector<std::uint32_t> reached_by_;  // by node: an edge, in circle_through() alone
};

// Every circle that base orders do not make by themselves goes through a constraint, so a short one
// is looked for from there. How many starts are worth it falls with what each may cost.
std::vector<Constraint> short_circle(Graph& graph, std::span<const Constraint> constraints,
                                     const std::vector<bool>& left) {
  std::vector<std::uint32_t> starts;
  for (const Constraint& constraint : constraints) {
    if (constraint.before != initial && left[constraint.before] && left[constraint.after]) {
      starts.push_back(constraint.before);
    }
  }
  for (std::uint32_t node = 0; node < graph.nodes() && starts.size() < 1000; ++node) {
    if (left[node] && graph.is_operation(node)) starts.push_back(node);
  }
  auto many = static_cast<std::size_t>(std::count(left.begin(), left.end(), true));
  std::size_t tries = std::clamp<std::size_t>(20'000'000 / (many + 1), 4, 1000);
  std::size_t step = std::max<std::size_t>(starts.size() / tries, 1);
  std::vector<std::uint32_t> best;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    if (i % step != 0 && !best.empty()) continue;
    std::vector<std::uint32_t> circle = graph.circle_through(starts[i], left, graph.nodes());
    if (!circle.empty() && (best.empty() || circle.size() < best.size())) best = std::move(circle);
    if (!best.empty() && best.size() <= 2) break;
  }
  return graph.told(best);
}

}  // namespace

std::optional<std::vector<Constraint>> find_circle(const Registers& registers,
                                                   std::span<const Constraint> constraints,
                                                   BaseOrder base) {
  for (const Constraint& constraint : constraints) {
    bool with_itself = constraint.after == initial || constraint.before == constraint.after;
    if (with_itself) return std::vector{constraint};
  }
  Graph graph(registers, constraints, base);
  std::vector<bool> left = graph.behind_circles();
  if (left.empty()) return {};
  return short_circle(graph, constraints, left);
}

std::vector<Index> causal_way(const Registers& registers, Index from, Index to) {
  if (from == to) return {from};
  std::vector<Index> next(registers.size(), initial);  // towards `to`
  std::vector<Index> queue{to};
  auto reach = [&](Index at, Index through) {
    if (at == to || next[at] != initial) return;
    next[at] = through;
    queue.push_back(at);
  };
  for (std::size_t i = 0; i < queue.size() && next[from] == initial; ++i) {
    Index at = queue[i];
    if (registers[at].is_read() && registers[at].source != initial) {
      reach(registers[at].source, at);
    }
    if (registers.has_previous(at)) reach(at - 1, at);
  }
  if (next[from] == initial) return {};
  std::vector<Index> way{from};
  while (way.back() != to) way.push_back(next[way.back()]);
  return way;
}

std::vector<Index> closed(const Registers& registers, std::vector<Index> operations) {
  for (std::size_t i = 0, end = operations.size(); i < end; ++i) {
    if (operations[i] == initial) continue;
    const Operation& operation = registers[operations[i]];
    if (operation.is_read()) operations.push_back(operation.source);
  }
  std::erase(operations, initial);
  std::sort(operations.begin(), operations.end());
  operations.erase(std::unique(operations.begin(), operations.end()), operations.end());
  return operations;
}

}  // namespace sunder::weak
