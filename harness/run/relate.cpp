#include "harness/run/relate.h"

#include <algorithm>

namespace sunder {
namespace {

// "n2 | n1 n3" from a partition's groups; else the targets.
std::string whom(const FaultWindow& window) {
  std::string text;
  const Value* groups = window.evidence.find("groups");
  if (groups != nullptr && groups->is_list()) {
    for (const Value& group : groups->list()) {
      if (!group.is_list()) continue;
      text += text.empty() ? "" : " |";
      for (const Value& node : group.list()) {
        if (node.is_text()) text += (text.empty() ? "" : " ") + node.text();
      }
    }
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

std::string faults_at(Instant moment, const std::vector<FaultWindow>& windows) {
  std::string text;
  for (const FaultWindow& window : windows) {
    if (!window.confirmed || moment < window.begin || moment > window.end) continue;
    text += (text.empty() ? "" : "; ") + window.kind + " of " + whom(window) + " since " +
            seconds(window.begin);
  }
  return text;
}

}  // namespace

void relate_to_faults(Verdict& verdict, const History& history,
                      const std::vector<FaultWindow>& windows) {
  if (verdict.anomalies.empty()) return;
  const std::string headline = verdict.anomalies.front().explanation;
  auto faultless = std::stable_partition(
      verdict.anomalies.begin(), verdict.anomalies.end(), [&](const Anomaly& anomaly) {
        return !anomaly.ops.empty() &&
               !faults_at(history[anomaly.ops.back()].time, windows).empty();
      });
  for (auto anomaly = verdict.anomalies.begin(); anomaly != faultless; ++anomaly) {
    anomaly->explanation += " Faults that were on at that time: " +
                            faults_at(history[anomaly->ops.back()].time, windows) + ".";
  }
  std::size_t at = headline.empty() ? std::string::npos : verdict.summary.find(headline);
  if (at == std::string::npos) return;
  verdict.summary.replace(at, headline.size(), verdict.anomalies.front().explanation);
}

}  // namespace sunder
