#include "nemesis/policy/shapes.h"

#include <algorithm>
#include <array>
#include <set>

namespace sunder {
namespace {

using Nodes = std::vector<NodeId>;

Nodes sorted(Nodes nodes) {
  std::sort(nodes.begin(), nodes.end());
  return nodes;
}

// Cuts every link that does not lie within one of the groups.
Cut between_groups(std::string_view shape, const Nodes& nodes, std::vector<Nodes> groups) {
  std::set<Link> within;
  for (Nodes& group : groups) {
    group = sorted(std::move(group));
    for (NodeId a : group) {
      for (NodeId b : group) within.insert(Link{a, b});
    }
  }
  Cut cut{std::string(shape), std::move(groups), {}};
  for (NodeId a : sorted(nodes)) {
    for (NodeId b : sorted(nodes)) {
      if (a != b && !within.contains(Link{a, b})) cut.links.push_back(Link{a, b});
    }
  }
  return cut;
}

// The first `count` nodes on one side, the others on the other.
Cut split(std::string_view shape, const Nodes& nodes, std::size_t count) {
  auto middle = nodes.begin() + static_cast<std::ptrdiff_t>(count);
  return between_groups(shape, nodes, {Nodes(nodes.begin(), middle), Nodes(middle, nodes.end())});
}

void move_to_front(Nodes& nodes, NodeId node) {
  auto at = std::find(nodes.begin(), nodes.end(), node);
  std::rotate(nodes.begin(), at, at + 1);
}

std::size_t draw_minority(const Nodes& nodes, Rng& rng) {
  return 1 + rng.below(std::max<std::size_t>(1, (nodes.size() - 1) / 2));
}

Cut bridge(const Nodes& nodes) {
  if (nodes.size() < 3) return split("one", nodes, 1);
  std::size_t half = 1 + (nodes.size() - 1) / 2;
  auto middle = nodes.begin() + static_cast<std::ptrdiff_t>(half);
  Nodes left(nodes.begin(), middle);  // nodes[0] is the bridge
  Nodes right(middle, nodes.end());
  right.push_back(nodes[0]);
  return between_groups("bridge", nodes, {left, right});
}

// Nodes stand in a ring and each talks to as many neighbours on either side as make a majority.
Cut ring(const Nodes& nodes) {
  std::size_t reach = (nodes.size() / 2 + 1) / 2;
  if (2 * reach + 1 >= nodes.size()) return bridge(nodes);
  Cut cut{"majorities-ring", {}, {}};
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    Nodes seen;
    for (std::size_t j = 0; j < nodes.size(); ++j) {
      std::size_t apart = i < j ? j - i : i - j;
      if (std::min(apart, nodes.size() - apart) <= reach) {
        seen.push_back(nodes[j]);
      } else {
        cut.links.push_back(Link{nodes[i], nodes[j]});
      }
    }
    cut.groups.push_back(sorted(std::move(seen)));
  }
  std::sort(cut.links.begin(), cut.links.end());
  return cut;
}

// Every node takes a side by itself; when all took the same one, the first node leaves it.
Cut bipartition(const Nodes& nodes, Rng& rng) {
  Nodes left;
  Nodes right;
  for (NodeId node : nodes) (rng.chance({1, 2}) ? left : right).push_back(node);
  if (left.empty() || right.empty()) return split("bipartition", nodes, 1);
  return between_groups("bipartition", nodes, {std::move(left), std::move(right)});
}

// Each of the two nodes at its ends still talks to all others.
Cut one_link(std::string_view shape, const Nodes& nodes, bool both_ways) {
  Cut cut{std::string(shape), {}, {Link{nodes[0], nodes[1]}}};
  for (NodeId end : {nodes[0], nodes[1]}) {
    Nodes group = nodes;
    std::erase(group, end);
    cut.groups.push_back(sorted(std::move(group)));
  }
  if (both_ways) cut.links.push_back(Link{nodes[1], nodes[0]});
  std::sort(cut.links.begin(), cut.links.end());
  return cut;
}

Cut one_way(const Nodes& nodes, std::size_t count, bool deaf) {
  Cut cut = split(deaf ? "one-way, deaf" : "one-way, mute", nodes, count);
  const Nodes& side = cut.groups[0];
  std::erase_if(cut.links, [&](const Link& link) {
    NodeId on_side = deaf ? link.target : link.source;
    return std::find(side.begin(), side.end(), on_side) == side.end();
  });
  return cut;
}

}  // namespace

OptionSpec shape_option() {
  return {"shape", OptionSpec::Kind::choice, "mix", "what partitions look like",
          {"mix", "halves", "one", "leader", "majority-minority", "majorities-ring", "bridge",
           "one-way", "bipartition", "link", "link-one-way"}};
}

std::string draw_shape(const std::string& option, Rng& rng) {
  constexpr std::array<std::string_view, 8> mix = {
      "halves", "one", "leader", "leader", "majority-minority", "majorities-ring", "bridge",
      "one-way"};
  return option == "mix" ? std::string(mix[rng.below(mix.size())]) : option;
}

Cut make_cut(std::string_view shape, const NodeReports& reports, Rng& rng) {
  Nodes nodes = shuffled_nodes(reports, rng);
  if (nodes.size() < 2) return Cut{std::string(shape), {nodes}, {}};
  Nodes named = named_nodes(shape, reports);
  if (!named.empty()) {
    for (NodeId node : named) move_to_front(nodes, node);
    return split(shape, nodes, named.size());
  }
  if (shape == "halves") return split(shape, nodes, nodes.size() / 2);
  if (shape == "majorities-ring") return ring(nodes);
  if (shape == "bridge") return bridge(nodes);
  if (shape == "leader") {
    move_to_front(nodes, leader_or_any(reports, rng));
    return split(shape, nodes, 1);
  }
  if (shape == "bipartition") return bipartition(nodes, rng);
  if (shape == "link" || shape == "link-one-way") {
    if (rng.chance({1, 2})) move_to_front(nodes, leader_or_any(reports, rng));
    return one_link(shape, nodes, shape == "link");
  }
  bool about_the_leader = rng.chance({1, 2});
  if (shape == "majority-minority") {
    std::size_t count = draw_minority(nodes, rng);
    if (about_the_leader) move_to_front(nodes, leader_or_any(reports, rng));
    return split(shape, nodes, count);
  }
  if (shape == "one-way") {
    bool deaf = rng.chance({1, 2});
    std::size_t count = about_the_leader ? 1 : draw_minority(nodes, rng);
    if (about_the_leader) move_to_front(nodes, leader_or_any(reports, rng));
    return one_way(nodes, count, deaf);
  }
  return split("one", nodes, 1);
}

}  // namespace sunder
