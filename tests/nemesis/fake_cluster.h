#pragma once
// A cluster in a few maps, for tests of faults: carries everything out at once, or on demand does
// not, as a machine with a fault of its own would.

#include <deque>
#include <map>
#include <set>
#include <string>

#include "harness/api/cluster.h"
#include "harness/api/nemesis.h"
#include "harness/core/assert.h"

namespace sunder {

class FakeCluster final : public Cluster {
 public:
  explicit FakeCluster(int count, int leader = 0) {
    for (int i = 0; i < count; ++i) {
      nodes_.push_back(NodeId::node(i));
      NodeReport report{nodes_.back(), ProcessState::running, true, {}, Duration{0}};
      report.status = {i == leader ? "leader" : "follower", i == leader ? 3 : 2, true};
      reports_.push_back(report);
    }
  }

  // What goes wrong.
  bool dead = false;                   // acts claim success and do nothing
  bool refuses = false;                // acts fail
  std::set<Link> leaks;                // cut or not, delivered
  std::set<Link> broken;               // lost although nobody cut them
  std::map<Link, int> lost_by_chance;  // how many more probes over it are lost
  int slow = 0;                        // how many surveys still show the old states

  NodeReport& report(int index) { return reports_[static_cast<std::size_t>(index)]; }
  std::set<Link> cut() const {
    std::set<Link> links;
    for (const auto& [rule, of_rule] : rules_) links.insert(of_rule.begin(), of_rule.end());
    return links;
  }

  std::span<const NodeId> nodes() const override { return nodes_; }
  std::set<Ability> abilities() const override {
    return {Ability::links, Ability::processes, Ability::clocks};
  }
  void impose(std::string rule, std::vector<Link> links, LinkModel model, Act done) override {
    ASSERT(model.blocked);
    act(std::move(done), [=, this] { rules_[rule] = links; });
  }
  void lift(std::string rule, Act done) override {
    act(std::move(done), [=, this] { rules_.erase(rule); });
  }
  void probe_links(std::function<void(LinkProbe)> done) override {
    LinkProbe probe;
    std::set<Link> blocked = cut();
    for (NodeId a : nodes_) {
      for (NodeId b : nodes_) {
        Link link{a, b};
        if (a == b) continue;
        bool lost = (blocked.contains(link) && !leaks.contains(link)) || broken.contains(link);
        if (lost_by_chance[link] > 0) {
          --lost_by_chance[link];
          lost = true;
        }
        (lost ? probe.lost : probe.delivered).insert(link);
      }
    }
    later([=] { done(probe); });
  }
  void kill(NodeId node, Act done) override { become(node, ProcessState::stopped, done); }
  void start(NodeId node, Act done) override {
    bool stopped = report(node.index).process == ProcessState::stopped;
    become(node, stopped ? ProcessState::running : report(node.index).process, done);
  }
  void pause(NodeId node, Act done) override { become(node, ProcessState::paused, done); }
  void resume(NodeId node, Act done) override {
    bool paused = report(node.index).process == ProcessState::paused;
    become(node, paused ? ProcessState::running : report(node.index).process, done);
  }
  void step_clock(NodeId node, Duration step, Act done) override {
    act(std::move(done), [=, this] { report(node.index).clock_offset += step; });
  }
  void reset_clock(NodeId node, Act done) override {
    act(std::move(done), [=, this] { report(node.index).clock_offset = Duration{0}; });
  }
  void survey(std::function<void(std::vector<NodeReport>)> done) override {
    if (slow > 0) --slow;
    if (slow == 0 && old_.empty()) return later([this, done] { done(reports_); });
    std::vector<NodeReport> shown = old_.empty() ? reports_ : old_;
    if (slow == 0) old_.clear();
    later([=] { done(shown); });
  }
  void after(Duration delay, std::function<void()> act) override {
    waited += delay;
    later(std::move(act));
  }

  /// From now on `surveys` surveys show the present states, whatever happens.
  void lag(int surveys) {
    old_ = reports_;
    slow = surveys;
  }

  /// Applies one op of a nemesis; everything that it waits for happens.
  Outcome apply(const Nemesis& nemesis, Rng& rng, std::string verb, Value value = {}) {
    Op op;
    op.process = Process::nemesis(0);
    op.verb = std::move(verb);
    op.value = std::move(value);
    FaultScene scene{*this, rng};
    std::vector<Outcome> outcomes;
    nemesis.apply(op, scene, [&](Outcome outcome) { outcomes.push_back(std::move(outcome)); });
    ASSERT_MSG(outcomes.empty(), "a nemesis must not complete before its acts do");
    while (!queue_.empty()) {
      auto next = std::move(queue_.front());
      queue_.pop_front();
      next();
    }
    ASSERT_MSG(outcomes.size() == 1, "a nemesis completes exactly once");
    return outcomes.front();
  }

  Duration waited{0};

 private:
  void later(std::function<void()> act) { queue_.push_back(std::move(act)); }
  void act(Act done, const std::function<void()>& change) {
    if (refuses) {
      return later([=] { done(Error{Error::Code::refused, "no such device"}); });
    }
    if (!dead) change();
    later([=] { done(Done{}); });
  }
  void become(NodeId node, ProcessState state, const Act& done) {
    act(done, [=, this] {
      report(node.index).process = state;
      report(node.index).reachable = state == ProcessState::running;
    });
  }

  std::vector<NodeId> nodes_;
  std::vector<NodeReport> reports_;
  std::vector<NodeReport> old_;
  std::map<std::string, std::vector<Link>> rules_;
  std::deque<std::function<void()>> queue_;
};

}  // namespace sunder
