#include "nemesis/policy/voters.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace sunder {
namespace {

using Nodes = std::vector<NodeId>;

constexpr int draws_max = 10;

bool contains(const Nodes& nodes, NodeId node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

Nodes with(Nodes nodes, NodeId node) {
  nodes.push_back(node);
  std::sort(nodes.begin(), nodes.end());
  return nodes;
}

Nodes without(Nodes nodes, NodeId node) {
  std::erase(nodes, node);
  return nodes;
}

NodeId any_of(const Nodes& nodes, Rng& rng) { return nodes[rng.below(nodes.size())]; }

Nodes some_of(Nodes nodes, std::size_t least, Rng& rng) {
  if (nodes.size() > least) nodes.resize(least + rng.below(nodes.size() - least + 1));
  std::sort(nodes.begin(), nodes.end());
  return nodes;
}

/// One draw of what is meant; it need not be possible.
Nodes draw_voters(std::string_view intention, const Nodes& now, const NodeReports& reports,
                  std::size_t least, Rng& rng) {
  Nodes spares = shuffled_nodes(reports, rng);
  std::erase_if(spares, [&](NodeId node) { return contains(now, node); });
  spares = running_among(spares, reports);
  if (intention == "any") return some_of(shuffled_nodes(reports, rng), least, rng);
  if (intention == "add") return spares.empty() ? now : with(now, spares.front());
  if (intention == "exchange") {
    return spares.empty() ? now : with(without(now, any_of(now, rng)), spares.front());
  }
  const NodeReport* leader = intention == "leader" ? leading(reports) : nullptr;
  return without(now, leader != nullptr ? leader->node : any_of(now, rng));
}

}  // namespace

OptionSpec exchange_option() {
  return {"targets", OptionSpec::Kind::choice, "mix", "how voters are exchanged",
          {"mix", "add", "remove", "leader", "exchange", "any"}};
}

std::string draw_exchange(const std::string& option, Rng& rng) {
  constexpr std::array<std::string_view, 6> mix = {"add",      "remove", "leader",
                                                   "exchange", "any",    "any"};
  return option == "mix" ? std::string(mix[rng.below(mix.size())]) : option;
}

std::vector<NodeId> choose_voters(std::string_view intention, const std::vector<NodeId>& now,
                                  const NodeReports& reports, std::size_t least, Rng& rng) {
  if (Nodes named = named_nodes(intention, reports); !named.empty()) return named;
  if (now.empty()) return {};
  auto possible = [&](const Nodes& voters) {
    return voters != now && voters.size() >= least && majority_runs(voters, reports);
  };
  for (std::string_view meant : {intention, std::string_view("exchange"), std::string_view("add"),
                                 std::string_view("remove")}) {
    for (int i = 0; i < draws_max; ++i) {
      Nodes voters = draw_voters(meant, now, reports, least, rng);
      if (possible(voters)) return voters;
    }
  }
  return {};
}

std::vector<NodeId> running_among(const std::vector<NodeId>& nodes, const NodeReports& reports) {
  Nodes running;
  std::copy_if(nodes.begin(), nodes.end(), std::back_inserter(running), [&](NodeId node) {
    return std::any_of(reports.begin(), reports.end(), [&](const NodeReport& report) {
      return report.node == node && report.process == ProcessState::running && report.reachable;
    });
  });
  return running;
}

bool majority_runs(const std::vector<NodeId>& voters, const NodeReports& reports) {
  return 2 * running_among(voters, reports).size() > voters.size();
}

const NodeReport* leading(const NodeReports& reports) {
  Nodes known = leaders(reports);
  if (known.empty()) return nullptr;
  return &*std::find_if(reports.begin(), reports.end(), [&](const NodeReport& report) {
    return report.node == known.front();
  });
}

bool are_voters(const std::vector<NodeId>& voters, const NodeReports& reports) {
  const NodeReport* leader = leading(reports);
  if (leader == nullptr || !leader->status.ready || leader->status.voters != voters) return false;
  std::size_t agreed = 0;
  for (const NodeReport& report : reports) {
    if (!report.reachable) continue;
    if (report.status.term > leader->status.term) return false;
    if (report.status.voters == voters && contains(voters, report.node)) ++agreed;
  }
  return 2 * agreed > voters.size();
}

}  // namespace sunder
