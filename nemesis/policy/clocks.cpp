#include "nemesis/policy/clocks.h"

#include <algorithm>

#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

constexpr Duration tolerance = std::chrono::milliseconds(50);

}  // namespace

bool near(Duration a, Duration b) { return a - b <= tolerance && b - a <= tolerance; }

Offsets offsets_of(const Reports& reports) {
  Offsets offsets;
  for (const NodeReport& report : reports) offsets[report.node] = report.clock_offset;
  return offsets;
}

Value nanoseconds_of(const Offsets& offsets) {
  Map map;
  for (const auto& [node, offset] : offsets) map[to_string(node)] = offset.count();
  return map;
}

Duration draw_magnitude(Duration least, Duration largest, Rng& rng) {
  std::uint64_t doublings = 0;
  while (doublings < 40 && least * (1LL << (doublings + 1)) <= largest) ++doublings;
  Duration low = least * (1LL << rng.below(doublings + 1));
  Duration size = rng.between(low, std::max(low, std::min(largest, 2 * low)));
  return rng.chance({1, 2}) ? size : -size;
}

void set_clocks(Cluster& cluster, FaultReport report, const std::vector<NodeId>& nodes,
                const ActOn& act, Offsets wanted, std::function<void(Outcome)> complete) {
  act_on_all(nodes, act, [&cluster, report = std::move(report), count = nodes.size(),
                          wanted = std::move(wanted), complete = std::move(complete)](
                             const std::vector<std::string>& errors) {
    if (count > 0 && errors.size() == count) return complete(Outcome::fail(errors.front()));
    auto as_wanted = [wanted](const Reports& reports) {
      return std::all_of(reports.begin(), reports.end(), [&](const NodeReport& node) {
        auto found = wanted.find(node.node);
        return found == wanted.end() || near(node.clock_offset, found->second);
      });
    };
    survey_until(cluster, as_wanted, [report, errors, complete](bool holds, const Reports& after) {
      FaultReport done = report;
      done.confirmed = holds && errors.empty();
      done.evidence.map()["offsets_after_ns"] = nanoseconds_of(offsets_of(after));
      if (!errors.empty()) done.evidence.map()["errors"] = to_list(errors);
      complete(outcome_of(done));
    });
  });
}

void reset_clocks(std::string kind, FaultScene& scene, std::function<void(Outcome)> complete) {
  Cluster& cluster = scene.cluster;
  cluster.survey([&cluster, kind = std::move(kind),
                  complete = std::move(complete)](const Reports& before) {
    std::vector<NodeId> all;
    std::vector<NodeId> bent;
    Offsets wanted;
    for (const NodeReport& report : before) {
      all.push_back(report.node);
      if (!near(report.clock_offset, Duration{0})) bent.push_back(report.node);
      wanted[report.node] = Duration{0};
    }
    Map evidence;
    evidence["offsets_before_ns"] = nanoseconds_of(offsets_of(before));
    auto act = [&cluster](NodeId node, Cluster::Act done) {
      cluster.reset_clock(node, std::move(done));
    };
    set_clocks(cluster, FaultReport{kind, names_of(bent), false, false, std::move(evidence)}, all,
               act, std::move(wanted), complete);
  });
}

}  // namespace sunder
