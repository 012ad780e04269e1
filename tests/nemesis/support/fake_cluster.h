#pragma once
// A cluster in a few maps, for tests of faults: carries everything out at once, or on demand does
// not, as a machine with a fault of its own would.

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "harness/api/cluster.h"
#include "harness/api/nemesis.h"

namespace sunder {

class FakeCluster final : public Cluster {
 public:
  explicit FakeCluster(int count, int leader = 0);
  ~FakeCluster() override;

  // What goes wrong.
  bool dead = false;                   // acts claim success and do nothing
  bool refuses = false;                // acts fail
  std::set<Link> leaks;                // cut or not, delivered
  std::set<Link> broken;               // lost although nobody cut them
  std::map<Link, int> lost_by_chance;  // how many more probes over it are lost
  int slow = 0;                        // how many surveys still show the old states
  bool deaf = false;                   // SIGTERM is ignored
  bool idle = false;                   // the system sends nothing over its connections
  std::optional<ClockCourse> course_instead;  // of the one that a clock is told to go

  int obeys_after = 0;                 // how many instructions are refused first
  int taken_up_in_vain = 0;            // how many more are taken up and then given up
  bool one_at_a_time = false;          // voters are exchanged so
  bool same_version_again = false;     // whatever version is chosen

  /// Those say of themselves that they vote, from now on.
  void set_voters(const std::vector<NodeId>& voters);
  NodeReport& report(int index) { return reports_[static_cast<std::size_t>(index)]; }
  std::set<Link> cut() const;
  Duration everywhere_slower{0};  // what all links do in addition while any rule is in force

  std::span<const NodeId> nodes() const override { return nodes_; }
  std::set<Ability> abilities() const override;
  void impose(std::string rule, std::vector<Link> links, LinkModel model, Act done) override;
  void lift(std::string rule, Act done) override;
  std::vector<LinkRule> link_rules() const override { return rules_.in_force(); }
  void sample_links(LinkSampling sampling,
                    std::function<void(Result<LinkSamples>)> done) override;
  void probe_links(std::function<void(LinkProbe)> done) override { probe(cut(), done); }
  void probe_port(std::uint16_t port, std::function<void(LinkProbe)> done) override;
  void probe_clients(std::function<void(std::map<NodeId, LineState>)> done) override;
  void read_tolls(std::function<void(Result<LinkTolls>)> done) override;
  void dial_links(std::string owner, std::function<void(Result<Lines>)> done) override;
  void talk_over_links(std::string owner, std::function<void(Result<Lines>)> done) override;
  void bend_names(NodeId node, NameFault fault, Duration delay, Act done) override;
  void look_up_names(NodeId node, Duration,
                     std::function<void(Result<NameAnswers>)> done) override;
  void kill(NodeId node, Act done) override { end(node, "signal 9", done); }
  void terminate(NodeId node, Act done) override;
  void start(NodeId node, Act done) override;
  void pause(NodeId node, Act done) override;
  void resume(NodeId node, Act done) override;
  void freeze(NodeId node, Act done) override;
  void limit(NodeId node, Resource resource, std::int64_t amount, Act done) override;
  void unlimit(NodeId node, Resource, Act done) override;
  void measure(NodeId node, Resource resource, Duration window, Measured done) override;
  void step_clock(NodeId node, Duration step, Act done) override;
  void reset_clock(NodeId node, Act done) override;
  void bend_clock(NodeId node, const ClockCourse& course, Act done) override;
  void wipe(NodeId node, std::function<void(Result<Erased>)> done) override;
  void cut_power(NodeId node, std::string, std::uint64_t, PowerCut done) override;
  void bend_disk(NodeId node, Map rule, Act done) override;
  void straighten_disk(NodeId node, std::string, DiskRules done) override;
  void disk_rules(NodeId node, DiskRules done) override;
  void change_disk(NodeId node, Map act, DiskAnswer done) override;
  void choose_version(NodeId node, Version version, Act done) override;
  void instruct(NodeId node, std::string verb, Value value, Act done) override;
  void survey(std::function<void(std::vector<NodeReport>)> done) override;
  void after(Duration delay, std::function<void()> act) override;

  /// From now on `surveys` surveys show the present states, whatever happens.
  void lag(int surveys);

  /// Applies one op of a nemesis; everything that it waits for happens.
  Outcome apply(const Nemesis& nemesis, Rng& rng, std::string verb, Value value = {});

  void pass(Duration duration) { time_ += duration; }
  Duration offset(int index) { return seen_now()[static_cast<std::size_t>(index)].clock_offset; }

  int frozen = 0;                // how often a freezer was asked for
  bool toothless = false;        // limits and rules are in force, and bite nobody
  bool dies_meanwhile = false;   // whoever is measured
  std::vector<std::string> disk_acts;  // "n1 rot", in order

  Duration waited{0};
  FaultBudget* budget = nullptr;
  Value notes;  // of the nemesis

 private:
  void probe(const std::set<Link>& blocked, const std::function<void(LinkProbe)>& done);
  LineState client_line(NodeId node);
  LineState dialled(Link link);
  bool resets(Link link) const { return rules_.filter(rules_.number_of(link)).resets; }
  void obey(NodeId leader, const std::string& verb, const Value& value);
  static std::vector<NodeId> one_nearer(std::vector<NodeId> from, const std::vector<NodeId>& to);
  void later(std::function<void()> act) { queue_.push_back(std::move(act)); }
  void act(Act done, const std::function<void()>& change);
  // What a machine shows on which limits bite, unless they are toothless.
  ResourceUse use_of(NodeId node, Resource resource, Duration window) const;
  LinkSamples sample(const LinkSampling& sampling, const std::set<Link>& held);
  LinkSample sample(Link link, const LinkSampling& sampling, const std::set<Link>& held,
                    LinkSamples& samples);
  std::vector<NodeReport> seen_now();
  void end(NodeId node, const char* how, const Act& done);
  void become(NodeId node, ProcessState state, const Act& done);

  std::vector<NodeId> nodes_;
  std::vector<NodeReport> reports_;
  std::vector<NodeReport> old_;
  LinkRules rules_;
  int count_;
  std::deque<std::function<void()>> queue_;
  Instant time_;  // moves in after() only
  std::map<NodeId, Instant> paused_at_;
  std::map<NodeId, std::int64_t> stored_;
  LinkTolls tolls_;
  std::map<NodeId, std::pair<NameFault, Duration>> names_;
  std::map<std::string, Lines> lines_;
  std::map<NodeId, std::int64_t> limits_;
  std::map<NodeId, Map> disk_rules_;
  std::map<NodeId, Version> next_versions_;  // of their next starts
  std::map<NodeId, std::pair<ClockCourse, Instant>> courses_;
};

}  // namespace sunder
