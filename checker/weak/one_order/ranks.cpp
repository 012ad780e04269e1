#include "checker/weak/one_order/ranks.h"

#include <algorithm>

namespace sunder::weak::one_order {
namespace {

class Graph {
 public:
  Graph(const Instance& instance, const Lessons& lessons)
      : instance_(instance),
        lessons_(lessons),
        values_(static_cast<std::uint32_t>(instance.size()) +
                static_cast<std::uint32_t>(instance.keys)) {}
  std::size_t nodes() const { return values_ + instance_.by_return.size(); }

  template <typename Visit>
  void each_before(std::uint32_t node, Visit visit) const {
    if (node >= values_) {
      std::uint32_t rank = node - values_;
      if (rank > 0) visit(node - 1);
      visit(instance_.by_return[rank]);
      return;
    }
    if (node >= instance_.size()) {
      for (Slot reader : instance_.readers(node)) visit(reader);
      return;
    }
    if (instance_.has_previous(node)) visit(node - 1);
    if (!instance_.is_write(node)) {
      if (!instance_.is_initial(instance_.value[node])) visit(instance_.value[node]);
      return;
    }
    visit(instance_.initial_of(instance_.key[node]));
    if (!instance_.earlier.empty() && instance_.earlier[node] != nowhere)
      visit(instance_.earlier[node]);
    if (!instance_.returned_before.empty() && instance_.returned_before[node] > 0)
      visit(values_ + instance_.returned_before[node] - 1);
    lessons_.any_of(node, [&](LessonId id, Slot first) {
      if (lessons_[id].pairs.size() == 1) visit(first);
      return false;
    });
  }

  std::vector<std::uint32_t> order() const {
    std::vector<std::uint32_t> order;
    std::vector<std::uint8_t> state(nodes(), 0);
    std::vector<std::uint32_t> stack;
    for (std::uint32_t start = 0; start < nodes(); ++start) {
      stack.push_back(start);
      while (!stack.empty()) {
        std::uint32_t node = stack.back();
        if (state[node] == 0) {
          state[node] = 1;
          each_before(node, [&](std::uint32_t before) {
            if (state[before] == 0) stack.push_back(before);
          });
          continue;
        }
        stack.pop_back();
        if (state[node] == 2) continue;
        state[node] = 2;
        order.push_back(node);
      }
    }
    return order;
  }

 private:
  const Instance& instance_;
  const Lessons& lessons_;
  std::uint32_t values_;
};

}  // namespace

std::vector<std::uint32_t> asap_ranks(const Instance& instance, const Lessons& lessons, int mode) {
  Graph graph(instance, lessons);
  std::vector<std::uint32_t> order = graph.order();
  std::vector<std::uint32_t> level(graph.nodes(), 0);
  if (mode == 3) {  // progress
    for (Slot s = 0; s < instance.size(); ++s) {
      Slot b = instance.chain_begin[instance.chain[s]],
           e = instance.chain_begin[instance.chain[s] + 1];
      level[s] = static_cast<std::uint32_t>(1e9 * (s - b) / (e - b));
    }
    return level;
  }
  for (std::uint32_t node : order) {
    graph.each_before(node, [&](std::uint32_t before) {
      level[node] = std::max(level[node], level[before] + 1);
    });
  }
  if (mode == 0) return level;
  std::uint32_t most = *std::max_element(level.begin(), level.end());
  std::vector<std::uint32_t> late(graph.nodes(), most + 1);
  for (std::size_t i = order.size(); i-- > 0;) {
    graph.each_before(order[i], [&](std::uint32_t before) {
      late[before] = std::min(late[before], late[order[i]] - 1);
    });
  }
  if (mode == 1) return late;
  for (std::size_t i = 0; i < late.size(); ++i) late[i] = (late[i] + level[i]) / 2;
  return late;
}

}  // namespace sunder::weak::one_order
