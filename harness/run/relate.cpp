#include "harness/run/relate.h"

#include <algorithm>
#include <utility>

namespace sunder {
namespace {

using Group = std::vector<std::string>;

// Of a partition: the nodes that hear each other.
std::vector<Group> groups_of(const FaultWindow& window) {
  std::vector<Group> all;
  const Value* groups = window.evidence.find("groups");
  if (groups == nullptr || !groups->is_list()) return all;
  for (const Value& group : groups->list()) {
    if (!group.is_list()) continue;
    Group& nodes = all.emplace_back();
    for (const Value& node : group.list()) {
      if (node.is_text()) nodes.push_back(node.text());
    }
  }
  return all;
}

// "n2 | n1 n3" from a partition's groups; else the targets.
std::string whom(const FaultWindow& window) {
  std::string text;
  for (const Group& group : groups_of(window)) {
    text += text.empty() ? "" : " |";
    for (const std::string& node : group) text += (text.empty() ? "" : " ") + node;
  }
  if (!text.empty()) return text;
  for (const std::string& target : window.targets) text += (text.empty() ? "" : " ") + target;
  return text;
}

std::string seconds(Instant instant) {
  std::int64_t milliseconds = nanoseconds(instant) / 1'000'000;
  std::string fraction = std::to_string(1000 + milliseconds % 1000).substr(1);
  return std::to_string(milliseconds / 1000) + "." + fraction + " s";
}

bool is_on(const FaultWindow& window, Instant moment) {
  return window.confirmed && window.begin <= moment && moment <= window.end;
}

std::string faults_at(Instant moment, const std::vector<FaultWindow>& windows) {
  std::string text;
  for (const FaultWindow& window : windows) {
    if (!is_on(window, moment)) continue;
    text += (text.empty() ? "" : "; ") + window.kind + " of " + whom(window) + " since " +
            seconds(window.begin);
  }
  return text;
}

// Whether a partition leaves a node with at most half of all the nodes, itself included.
bool cuts_off(const FaultWindow& window, const std::string& node, int nodes) {
  std::size_t most = 0;
  for (const Group& group : groups_of(window)) {
    if (std::find(group.begin(), group.end(), node) != group.end()) {
      most = std::max(most, group.size());
    }
  }
  return most != 0 && 2 * most <= static_cast<std::size_t>(nodes);
}

// A sentence about the first answered op that was asked of a node which a partition cut off; or "".
std::string cut_off_at(const Anomaly& anomaly, const History& history,
                       const std::vector<FaultWindow>& windows, int nodes) {
  for (std::uint64_t index : anomaly.ops) {
    OpView op = history[index];
    if (!op.process.is_client() || op.phase != Phase::ok) continue;
    std::string home = to_string(NodeId::node(op.process.id % nodes));
    for (const FaultWindow& window : windows) {
      if (!is_on(window, op.time) || !cuts_off(window, home, nodes)) continue;
      return " Process " + to_string(op.process) + " asks " + home +
             " first, which was cut off from most of the nodes.";
    }
  }
  return "";
}

struct Related {
  std::string faults;   // that were on when the anomaly's last op ended
  std::string cut_off;  // what one of them did to it
  Anomaly anomaly;
};

}  // namespace

void relate_to_faults(Verdict& verdict, const History& history,
                      const std::vector<FaultWindow>& windows, int nodes) {
  if (verdict.anomalies.empty()) return;
  const std::string headline = verdict.anomalies.front().explanation;
  std::vector<Related> all;
  for (Anomaly& anomaly : verdict.anomalies) {
    Related& related = all.emplace_back();
    if (!anomaly.ops.empty()) {
      related.faults = faults_at(history[anomaly.ops.back()].time, windows);
      related.cut_off = cut_off_at(anomaly, history, windows, nodes);
    }
    related.anomaly = std::move(anomaly);
  }
  std::stable_sort(all.begin(), all.end(), [](const Related& a, const Related& b) {
    return std::pair(a.cut_off.empty(), a.faults.empty()) <
           std::pair(b.cut_off.empty(), b.faults.empty());
  });
  for (std::size_t i = 0; i < all.size(); ++i) {
    Anomaly& anomaly = verdict.anomalies[i] = std::move(all[i].anomaly);
    if (all[i].faults.empty()) continue;
    anomaly.explanation +=
        " Faults that were on at that time: " + all[i].faults + "." + all[i].cut_off;
  }
  std::size_t at = headline.empty() ? std::string::npos : verdict.summary.find(headline);
  if (at == std::string::npos) return;
  verdict.summary.replace(at, headline.size(), verdict.anomalies.front().explanation);
}

}  // namespace sunder
