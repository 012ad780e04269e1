#pragma once
// A system of the catalogue on a small stage: the simulated world, a few sessions, and a hand that
// cuts links, kills nodes and bends clocks when told.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/sim/world.h"

namespace sunder::testing_support {

class Scene {
 public:
  struct Cast {
    std::string system;
    std::map<std::string, std::string> options{};
    std::set<std::string> flaws{};
    int nodes = 3;
    std::uint64_t seed = 1;
  };
  explicit Scene(const Cast& cast);

  // Session s begins at node s, both from 0. One whose op ends `info` goes on as a new session.
  Phase write(int session, std::int64_t key, std::int64_t value);
  /// What an ok read returned, nil for a key that was never written; nothing when it was not ok.
  std::optional<Value> read(int session, std::int64_t key);
  /// Any operation of the system's; nothing when it was never completed.
  std::optional<Op> act(int session, std::string verb, Value value);

  void cut_off(int node);  // from all other nodes
  void heal();
  void kill(int node);
  void start(int node);
  void step_clock(int node, Duration step);
  void pass(Duration duration);
  bool all_ready();
  WorldRecord record() const { return world_->record(); }

 private:
  std::optional<Op> perform(Process process, std::string verb, Value value);
  void reach(std::function<void(Cluster&, Cluster::Act)> act);

  Test test_;
  std::vector<std::int32_t> processes_;  // by session
  std::uint64_t index_ = 0;              // of the next invocation
  std::function<void(Cluster&, Cluster::Act)> next_;
  std::unique_ptr<SimWorld> world_;
};

}  // namespace sunder::testing_support
