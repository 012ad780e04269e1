#include "checker/weak/one_order/components.h"

#include <numeric>

namespace sunder::weak::one_order {
namespace {

/// Tarjan, SIAM J. Comput. 1972, with a stack of its own. Nodes are slots, initial values, and for
/// each prefix of the returns one that needs all of it.
class Tarjan {
 public:
  explicit Tarjan(const Instance& instance)
      : instance_(instance),
        values_(static_cast<Node>(instance.size()) + static_cast<Node>(instance.keys)),
        number_(values_ + instance.by_return.size(), 0),
        low_(number_.size(), 0),
        component_(number_.size(), nowhere) {}

  std::vector<std::uint32_t> run() {
    for (Node start = 0; start < instance_.size(); ++start) {
      if (number_[start] == 0) explore(start);
    }
    component_.resize(instance_.size());
    return std::move(component_);
  }
  std::uint32_t found() const { return found_; }

 private:
  using Node = std::uint32_t;
  static constexpr Node no_more = UINT32_MAX - 1;  // and `nowhere`: no edge of this number
  struct Visit {
    Node node;
    std::uint32_t edge;
  };

  Node edge_of_read(Slot at, std::uint32_t edge) const {
    if (edge == 0) return instance_.has_previous(at) ? at - 1 : nowhere;
    return edge == 1 ? instance_.value[at] : no_more;
  }

  Node edge_of_write(Slot at, std::uint32_t edge) const {
    if (edge == 0) return instance_.has_previous(at) ? at - 1 : nowhere;
    if (edge == 1) return instance_.initial_of(instance_.key[at]);
    if (edge == 2 && !instance_.earlier.empty()) return instance_.earlier[at];
    if (edge == 2 && !instance_.returned_before.empty()) {
      std::uint32_t before = instance_.returned_before[at];
      return before == 0 ? nowhere : values_ + before - 1;
    }
    return edge == 2 ? nowhere : edge_of_value(at, edge - 3);
  }

  Node edge_of_value(Slot value, std::uint32_t edge) const {
    auto readers = instance_.readers(value);
    return edge < readers.size() ? readers[edge] : no_more;
  }

  Node edge_of_time(std::uint32_t rank, std::uint32_t edge) const {
    if (edge == 0) return instance_.by_return[rank];
    if (edge == 1) return rank == 0 ? nowhere : values_ + rank - 1;
    return no_more;
  }

  Node edge(const Visit& visit) const {
    if (visit.node >= values_) return edge_of_time(visit.node - values_, visit.edge);
    if (visit.node >= instance_.size()) return edge_of_value(visit.node, visit.edge);
    return instance_.is_write(visit.node) ? edge_of_write(visit.node, visit.edge)
                                          : edge_of_read(visit.node, visit.edge);
  }

  void enter(Node node) {
    number_[node] = low_[node] = ++numbers_;
    open_.push_back(node);
    visits_.push_back({node, 0});
  }

  void explore(Node start) {
    enter(start);
    while (!visits_.empty()) {
      Visit& visit = visits_.back();
      Node node = visit.node;
      Node next = edge(visit);
      ++visit.edge;
      if (next == nowhere) continue;
      if (next == no_more) {
        leave(node);
      } else if (number_[next] == 0) {
        enter(next);
      } else if (component_[next] == nowhere) {
        low_[node] = std::min(low_[node], number_[next]);
      }
    }
  }

  void leave(Node node) {
    visits_.pop_back();
    if (!visits_.empty()) {
      Node parent = visits_.back().node;
      low_[parent] = std::min(low_[parent], low_[node]);
    }
    if (low_[node] != number_[node]) return;
    bool has_slots = false;
    Node member;
    do {
      member = open_.back();
      open_.pop_back();
      component_[member] = found_;
      has_slots = has_slots || member < instance_.size();
    } while (member != node);
    if (has_slots) ++found_;  // else the next component has its number: only slots are asked for
  }

  const Instance& instance_;
  Node values_;  // below it slots and initial values
  std::vector<std::uint32_t> number_;
  std::vector<std::uint32_t> low_;
  std::vector<std::uint32_t> component_;
  std::vector<Node> open_;
  std::vector<Visit> visits_;
  std::uint32_t numbers_ = 0;
  std::uint32_t found_ = 0;
};

}  // namespace

Components find_components(const Instance& instance) {
  Components components;
  Tarjan tarjan(instance);
  components.of = tarjan.run();
  components.begin.assign(tarjan.found() + 1, 0);
  for (std::uint32_t which : components.of) ++components.begin[which + 1];
  std::partial_sum(components.begin.begin(), components.begin.end(), components.begin.begin());
  components.slots.resize(instance.size());
  std::vector<std::uint32_t> filled(components.begin.begin(), components.begin.end() - 1);
  for (Slot at = 0; at < instance.size(); ++at) {
    components.slots[filled[components.of[at]]++] = at;
  }
  return components;
}

}  // namespace sunder::weak::one_order
