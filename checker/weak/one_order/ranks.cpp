#include "checker/weak/one_order/ranks.h"

#include <algorithm>

namespace sunder::weak::one_order {
namespace {

/// Slots, initial values, and for each prefix of the returns a node that comes after all of it.
class Graph {
 public:
  using Node = std::uint32_t;

  Graph(const Instance& instance, const Lessons& lessons)
      : instance_(instance),
        lessons_(lessons),
        values_(static_cast<Node>(instance.size()) + static_cast<Node>(instance.keys)) {}

  std::size_t nodes() const { return values_ + instance_.by_return.size(); }

  template <typename Visit>
  void each_before(Node node, Visit visit) const {
    if (node >= values_) {
      if (node > values_) visit(node - 1);
      visit(instance_.by_return[node - values_]);
    } else if (node >= instance_.size()) {
      for (Slot reader : instance_.readers(node)) visit(reader);
    } else {
      if (instance_.has_previous(node)) visit(node - 1);
      Slot value = instance_.value[node];
      if (instance_.is_write(node)) {
        each_before_write(node, visit);
      } else if (!instance_.is_initial(value)) {
        visit(value);
      }
    }
  }

  /// All nodes, each after those before it, unless they are in a circle.
  std::vector<Node> order() const {
    enum : std::uint8_t { unseen, entered, left };
    std::vector<Node> order;
    order.reserve(nodes());
    std::vector<std::uint8_t> state(nodes(), unseen);
    std::vector<Node> stack;
    for (Node start = 0; start < nodes(); ++start) {
      stack.push_back(start);
      while (!stack.empty()) {
        Node node = stack.back();
        if (state[node] == unseen) {
          state[node] = entered;
          each_before(node, [&](Node before) {
            if (state[before] == unseen) stack.push_back(before);
          });
          continue;
        }
        stack.pop_back();
        if (state[node] == entered) order.push_back(node);
        state[node] = left;
      }
    }
    return order;
  }

 private:
  template <typename Visit>
  void each_before_write(Node node, Visit visit) const {
    visit(instance_.initial_of(instance_.key[node]));
    if (!instance_.earlier.empty() && instance_.earlier[node] != nowhere) {
      visit(instance_.earlier[node]);
    }
    if (!instance_.returned_before.empty() && instance_.returned_before[node] > 0) {
      visit(values_ + instance_.returned_before[node] - 1);
    }
    lessons_.any_of(node, [&](LessonId id, Slot first) {
      if (lessons_[id].pairs.size() == 1) visit(first);
      return false;
    });
  }

  const Instance& instance_;
  const Lessons& lessons_;
  Node values_;
};

using Levels = std::vector<std::uint32_t>;

/// Three times what one operation of a chain usually adds to the level of the one before.
std::uint32_t usual_step(const Instance& instance, const Levels& levels) {
  std::vector<std::uint32_t> steps;
  for (Slot at = 1; at < instance.size(); ++at) {
    if (instance.has_previous(at))
      steps.push_back(levels[at] - std::min(levels[at], levels[at - 1]));
  }
  if (steps.empty()) return 1;
  auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  return 3 * *middle + 1;
}

void raise_beginnings(const Instance& instance, std::uint32_t step, Levels& levels) {
  for (Slot at = static_cast<Slot>(instance.size()); at-- > 1;) {
    if (!instance.has_previous(at) || levels[at] < step) continue;
    levels[at - 1] = std::max(levels[at - 1], levels[at] - step);
  }
}

void lower_ends(const Instance& instance, std::uint32_t step, Levels& levels) {
  for (Slot at = 1; at < instance.size(); ++at) {
    if (instance.has_previous(at)) levels[at] = std::min(levels[at], levels[at - 1] + step);
  }
}

}  // namespace

std::vector<std::uint32_t> guess_ranks(const Instance& instance, const Lessons& lessons,
                                       Guess guess) {
  Graph graph(instance, lessons);
  std::vector<std::uint32_t> order = graph.order();
  Levels early(graph.nodes(), 0);
  for (std::uint32_t node : order) {
    graph.each_before(node, [&](std::uint32_t before) {
      early[node] = std::max(early[node], early[before] + 1);
    });
  }
  std::uint32_t deepest = early.empty() ? 0 : *std::max_element(early.begin(), early.end());
  std::uint32_t step = usual_step(instance, early);
  Levels late(graph.nodes(), deepest + 1);
  for (std::size_t i = order.size(); i-- > 0;) {
    graph.each_before(order[i], [&](std::uint32_t before) {
      late[before] = std::min(late[before], std::max(late[order[i]], 1U) - 1);
    });
  }
  raise_beginnings(instance, step, early);
  lower_ends(instance, step, late);
  if (guess == Guess::early) return early;
  if (guess == Guess::late) return late;
  for (std::size_t i = 0; i < late.size(); ++i) late[i] = (late[i] + early[i]) / 2;
  return late;
}

}  // namespace sunder::weak::one_order
