#include "nemesis/policy/targets.h"

#include <algorithm>
#include <array>
#include <utility>

#include "harness/core/assert.h"

namespace sunder {
namespace {

bool leads(const NodeReport& report) {
  const std::string& role = report.status.role;
  return report.reachable && (role == "leader" || role == "primary" || role == "master");
}

}  // namespace

OptionSpec targets_option(std::string fallback) {
  return {"targets", OptionSpec::Kind::choice, std::move(fallback), "which nodes a fault strikes",
          {"mix", "one", "minority", "majority", "leader", "all"}};
}

std::string draw_intention(const std::string& option, Rng& rng) {
  // Leaders are worth more than others: most bugs need one to be struck.
  constexpr std::array<std::string_view, 8> mix = {"one",      "one",    "minority", "majority",
                                                   "majority", "leader", "leader",   "all"};
  return option == "mix" ? std::string(mix[rng.below(mix.size())]) : option;
}

std::vector<NodeId> named_nodes(std::string_view text, const NodeReports& reports) {
  std::vector<NodeId> nodes;
  for (std::size_t at = 0; at <= text.size();) {
    std::size_t end = std::min(text.find(',', at), text.size());
    std::optional<NodeId> node = parse_node_id(text.substr(at, end - at));
    if (!node || !node->is_node()) return {};
    bool here = std::any_of(reports.begin(), reports.end(),
                            [&](const NodeReport& report) { return report.node == *node; });
    if (here) nodes.push_back(*node);
    at = end + 1;
  }
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

std::vector<NodeId> choose_targets(std::string_view intention, const NodeReports& reports,
                                   Rng& rng) {
  if (reports.empty()) return {};
  if (std::vector<NodeId> named = named_nodes(intention, reports); !named.empty()) return named;
  if (intention == "leader") {
    std::vector<NodeId> known = leaders(reports);
    if (!known.empty()) return known;
  }
  std::vector<NodeId> nodes = shuffled_nodes(reports, rng);
  std::size_t count = 1;
  if (intention == "minority") {
    std::size_t most = std::max<std::size_t>(1, (nodes.size() - 1) / 2);
    count = 1 + rng.below(most);
  } else if (intention == "majority") {
    count = nodes.size() / 2 + 1;
  } else if (intention == "all") {
    count = nodes.size();
  }
  nodes.resize(count);
  std::sort(nodes.begin(), nodes.end());
  return nodes;
}

std::vector<NodeId> choose_running(std::string_view intention, const NodeReports& reports,
                                   Rng& rng) {
  NodeReports running;
  for (const NodeReport& report : reports) {
    if (report.process == ProcessState::running) running.push_back(report);
  }
  std::vector<NodeId> targets = choose_targets(intention, reports, rng);
  std::erase_if(targets, [&](NodeId node) {
    return std::none_of(running.begin(), running.end(),
                        [&](const NodeReport& report) { return report.node == node; });
  });
  return targets.empty() ? choose_targets("one", running, rng) : targets;
}

std::vector<NodeId> leaders(const NodeReports& reports) {
  std::vector<NodeId> found;
  std::int64_t term = 0;
  for (const NodeReport& report : reports) {
    if (!leads(report)) continue;
    if (report.status.term > term) found.clear();
    if (!found.empty() && report.status.term < term) continue;
    term = report.status.term;
    found.push_back(report.node);
  }
  return found;
}

NodeId leader_or_any(const NodeReports& reports, Rng& rng) {
  ASSERT(!reports.empty());
  std::vector<NodeId> known = leaders(reports);
  if (!known.empty()) return known[rng.below(known.size())];
  return reports[rng.below(reports.size())].node;
}

std::vector<NodeId> shuffled_nodes(const NodeReports& reports, Rng& rng) {
  std::vector<NodeId> nodes;
  for (const NodeReport& report : reports) nodes.push_back(report.node);
  for (std::size_t left = nodes.size(); left > 1; --left) {
    std::swap(nodes[left - 1], nodes[rng.below(left)]);
  }
  return nodes;
}

Value roles_of(const NodeReports& reports) {
  Map roles;
  for (const NodeReport& report : reports) {
    if (report.reachable && !report.status.role.empty()) {
      roles[to_string(report.node)] = report.status.role;
    }
  }
  return roles;
}

Value processes_of(const NodeReports& reports) {
  Map processes;
  for (const NodeReport& report : reports) {
    processes[to_string(report.node)] = to_string(report.process);
  }
  return processes;
}

Value starts_of(const NodeReports& reports) {
  Map starts;
  for (const NodeReport& report : reports) starts[to_string(report.node)] = report.starts;
  return starts;
}

Value endings_of(const NodeReports& reports) {
  Map endings;
  for (const NodeReport& report : reports) {
    if (!report.ended.empty()) endings[to_string(report.node)] = report.ended;
  }
  return endings;
}

std::vector<std::string> names_of(const std::vector<NodeId>& nodes) {
  std::vector<std::string> names;
  for (NodeId node : nodes) names.push_back(to_string(node));
  return names;
}

List to_list(const std::vector<std::string>& texts) {
  List list;
  for (const std::string& text : texts) list.emplace_back(text);
  return list;
}

std::string intention_of(const Value& value, std::string_view key, std::string_view otherwise) {
  const Value* found = value.find(key);
  return found != nullptr && found->is_text() ? found->text() : std::string(otherwise);
}

}  // namespace sunder
