#include "nemesis/policy/acts.h"

#include <memory>
#include <utility>

namespace sunder {
namespace {

struct Joined {
  std::size_t left;
  std::vector<std::string> errors;
  std::function<void(std::vector<std::string>)> done;
};

struct Watch {
  Cluster& cluster;
  std::function<bool(const Reports&)> holds;
  std::function<void(bool, const Reports&)> done;
};

void look(const std::shared_ptr<Watch>& watch, int attempts_left) {
  watch->cluster.survey([watch, attempts_left](const Reports& reports) {
    bool holds = watch->holds(reports);
    if (holds || attempts_left <= 1) return watch->done(holds, reports);
    watch->cluster.after(evidence_pause, [watch, attempts_left] {
      look(watch, attempts_left - 1);
    });
  });
}

}  // namespace

void act_on_all(const std::vector<NodeId>& nodes, const ActOn& act,
                std::function<void(std::vector<std::string>)> done) {
  if (nodes.empty()) return done({});
  auto joined = std::make_shared<Joined>(Joined{nodes.size(), {}, std::move(done)});
  for (NodeId node : nodes) {
    act(node, [joined](const Status& status) {
      if (!status) joined->errors.push_back(status.error().context);
      if (--joined->left == 0) joined->done(std::move(joined->errors));
    });
  }
}

void survey_until(Cluster& cluster, std::function<bool(const Reports&)> holds,
                  std::function<void(bool, const Reports&)> done, int attempts) {
  look(std::make_shared<Watch>(Watch{cluster, std::move(holds), std::move(done)}), attempts);
}

}  // namespace sunder
