#include "nemesis/policy/watch.h"

#include <algorithm>
#include <memory>

#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

struct Watch {
  Cluster& cluster;
  Instant end;
  std::function<void(const LeaderChange&)> done;
  Reports latest{};
  Instant begin{};
  std::vector<NodeId> led{};    // whoever led when the watch began
  std::int64_t led_term = 0;
  bool over = false;
};

std::int64_t term_of(const Reports& reports, NodeId node) {
  auto found = std::find_if(reports.begin(), reports.end(),
                            [&](const NodeReport& report) { return report.node == node; });
  return found != reports.end() ? found->status.term : 0;
}

bool changed(const Watch& watch) {
  std::vector<NodeId> now = leaders(watch.latest);
  if (now.empty()) return false;
  std::int64_t term = term_of(watch.latest, now.front());
  if (term != watch.led_term || watch.led.empty()) return term >= watch.led_term;
  return std::any_of(now.begin(), now.end(), [&](NodeId node) {
    return std::find(watch.led.begin(), watch.led.end(), node) == watch.led.end();
  });
}

void look_again(const std::shared_ptr<Watch>& watch, NodeId node) {
  watch->cluster.look(node, [watch, node](const NodeReport& report) {
    if (watch->over) return;
    for (NodeReport& known : watch->latest) {
      if (known.node == node) known = report;
    }
    bool came = changed(*watch);
    if (came || report.read_at >= watch->end) {
      watch->over = true;
      return watch->done({came, watch->latest, report.read_at - watch->begin});
    }
    watch->cluster.after(watch_pause, [watch, node] { look_again(watch, node); });
  });
}

}  // namespace

void await_leader_change(Cluster& cluster, Duration patience,
                         std::function<void(const LeaderChange&)> done) {
  auto watch = std::make_shared<Watch>(Watch{cluster, {}, std::move(done)});
  cluster.survey([watch, patience](const Reports& reports) {
    if (reports.empty()) return watch->done({});
    watch->latest = reports;
    watch->begin = reports.front().read_at;
    watch->end = watch->begin + patience;
    watch->led = leaders(reports);
    if (!watch->led.empty()) watch->led_term = term_of(reports, watch->led.front());
    for (const NodeReport& report : reports) look_again(watch, report.node);
  });
}

}  // namespace sunder
