#include "nemesis/policy/budget.h"

#include "harness/api/fault_budget.h"

namespace sunder {

std::vector<NodeId> afford(FaultScene& scene, const std::string& fault,
                           const std::vector<NodeId>& targets, const NodeReports& reports) {
  if (scene.budget == nullptr) return targets;
  std::vector<NodeId> running;
  for (const NodeReport& report : reports) {
    if (report.process == ProcessState::running) running.push_back(report.node);
  }
  return scene.budget->book(fault, targets, running, scene.rng);
}

std::vector<NodeId> choose_affordable(FaultScene& scene, const std::string& fault,
                                      const std::string& intention, const NodeReports& reports,
                                      const std::function<void(Outcome)>& complete) {
  std::vector<NodeId> running = choose_running(intention, reports, scene.rng);
  if (running.empty()) {
    complete(Outcome::fail("no node is running"));
    return running;
  }
  std::vector<NodeId> targets = afford(scene, fault, running, reports);
  if (targets.empty()) complete(Outcome::fail(over_budget));
  return targets;
}

bool afford_all(FaultScene& scene, const std::string& fault, const std::vector<NodeId>& targets) {
  if (scene.budget == nullptr) return true;
  std::vector<NodeId> booked = scene.budget->book(fault, targets, {}, scene.rng);
  if (booked.size() == targets.size()) return true;
  for (NodeId node : booked) scene.budget->release(fault, node);
  return false;
}

bool afford_links(FaultScene& scene, const std::string& fault, const std::vector<Link>& links) {
  return scene.budget == nullptr || scene.budget->book(fault, links);
}

void release(FaultScene& scene, const std::string& fault) {
  if (scene.budget != nullptr) scene.budget->release(fault);
}

std::function<void(Outcome)> releasing(FaultScene& scene, const std::string& fault,
                                       std::function<void(Outcome)> complete) {
  return [&scene, fault, complete = std::move(complete)](Outcome outcome) {
    release(scene, fault);
    complete(std::move(outcome));
  };
}

void lift_rule(FaultScene& scene, const std::string& fault, std::function<void(Outcome)> complete,
               std::function<void()> then) {
  scene.cluster.lift(fault, [&scene, fault, complete = std::move(complete),
                             then = std::move(then)](const Status& lifted) {
    if (!lifted) return complete(Outcome::fail(lifted.error().context));
    release(scene, fault);
    then();
  });
}

}  // namespace sunder
