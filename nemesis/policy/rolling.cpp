#include "nemesis/policy/rolling.h"

#include <algorithm>
#include <memory>

#include "nemesis/policy/budget.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

struct Round {
  FaultScene& scene;
  Rolling rolling;
  std::function<void(const Rolled&)> done;
  std::size_t at = 0;  // whose turn it is
  Rolled rolled{};
  Cluster& cluster() const { return scene.cluster; }
  NodeId node() const { return rolling.nodes[at]; }
};
using SharedRound = std::shared_ptr<Round>;

void next_turn(const SharedRound& round);

void await_ready(const SharedRound& round) {
  NodeId node = round->node();
  auto ready = [node](const Reports& reports) {
    const NodeReport& now = report_of(reports, node);
    return now.reachable && now.status.ready;
  };
  survey_until(
      round->cluster(), ready,
      [round, node](bool in_time, const Reports&) {
        if (!in_time) round->rolled.never_ready.emplace_back(to_string(node));
        release(round->scene, round->rolling.fault);
        ++round->at;
        next_turn(round);
      },
      round->rolling.patience);
}

void start_again(const SharedRound& round) {
  round->cluster().start(round->node(), [round](const Status& status) {
    if (!status) round->rolled.errors.push_back(status.error().context);
    await_ready(round);
  });
}

void treat(const SharedRound& round) {
  if (!round->rolling.while_down) return start_again(round);
  round->rolling.while_down(round->node(), [round](const Status& status) {
    if (!status) round->rolled.errors.push_back(status.error().context);
    start_again(round);
  });
}

void take_down(const SharedRound& round) {
  NodeId node = round->node();
  auto strike = round->rolling.gently ? &Cluster::terminate : &Cluster::kill;
  (round->cluster().*strike)(node, [round, node](const Status& status) {
    if (!status) round->rolled.errors.push_back(status.error().context);
    auto ended = [node](const Reports& reports) {
      return report_of(reports, node).process == ProcessState::stopped;
    };
    survey_until(
        round->cluster(), ended,
        [round, node](bool in_time, const Reports&) {
          if (!in_time) round->rolled.never_ended.emplace_back(to_string(node));
          treat(round);
        },
        round->rolling.patience);
  });
}

// An operator who restarts nodes one by one waits while others are down.
void await_turn(const SharedRound& round, int patience) {
  NodeId node = round->node();
  if (afford_all(round->scene, round->rolling.fault, {node})) return take_down(round);
  if (patience > 0) {
    return round->cluster().after(evidence_pause,
                                  [round, patience] { await_turn(round, patience - 1); });
  }
  round->rolled.errors.push_back("it was never the turn of " + to_string(node) + ": " +
                                 over_budget);
  ++round->at;
  next_turn(round);
}

void next_turn(const SharedRound& round) {
  if (round->at == round->rolling.nodes.size()) return round->done(round->rolled);
  await_turn(round, round->rolling.patience);
}

}  // namespace

void add_to(Map& evidence, const Rolled& rolled) {
  if (!rolled.never_ended.empty()) evidence["never_ended"] = rolled.never_ended;
  if (!rolled.never_ready.empty()) evidence["never_ready"] = rolled.never_ready;
  if (!rolled.errors.empty()) evidence["errors"] = to_list(rolled.errors);
}

void roll(FaultScene& scene, Rolling rolling, std::function<void(const Rolled&)> done) {
  next_turn(std::make_shared<Round>(Round{scene, std::move(rolling), std::move(done)}));
}

const NodeReport& report_of(const Reports& reports, NodeId node) {
  return *std::find_if(reports.begin(), reports.end(),
                       [&](const NodeReport& report) { return report.node == node; });
}

}  // namespace sunder
