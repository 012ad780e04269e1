#pragma once
// A cluster in a few maps, for tests of faults: carries everything out at once, or on demand does
// not, as a machine with a fault of its own would.

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "harness/api/cluster.h"
#include "harness/api/nemesis.h"
#include "harness/core/assert.h"

namespace sunder {

class FakeCluster final : public Cluster {
 public:
  explicit FakeCluster(int count, int leader = 0);
  ~FakeCluster() override;  // elsewhere, so that what is virtual here is compiled once

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
  void set_voters(const std::vector<NodeId>& voters) {
    for (NodeReport& report : reports_) report.status.voters = voters;
  }
  NodeReport& report(int index) { return reports_[static_cast<std::size_t>(index)]; }
  std::set<Link> cut() const {
    std::set<Link> links;
    for (const LinkRule& rule : rules_.in_force()) {
      if (!rule.model.blocks_all() && !rule.model.hold) continue;
      links.insert(rule.links.begin(), rule.links.end());
    }
    return links;
  }
  Duration everywhere_slower{0};  // what all links do in addition while any rule is in force

  std::span<const NodeId> nodes() const override { return nodes_; }
  std::set<Ability> abilities() const override {
    return {Ability::links,   Ability::processes, Ability::clocks,        Ability::link_quality,
            Ability::data,    Ability::power,     Ability::stored,        Ability::disks,
            Ability::freezer, Ability::resources, Ability::clock_courses, Ability::client_links,
            Ability::names,   Ability::transport};
  }
  void impose(std::string rule, std::vector<Link> links, LinkModel model, Act done) override {
    act(std::move(done), [=, this] { rules_.impose(rule, links, model); });
  }
  void lift(std::string rule, Act done) override {
    act(std::move(done), [=, this] { rules_.lift(rule); });
  }
  std::vector<LinkRule> link_rules() const override { return rules_.in_force(); }
  void sample_links(LinkSampling sampling,
                    std::function<void(Result<LinkSamples>)> done) override {
    // Probes are sent now, and arrive when whatever was asked for next has happened.
    later([=, this] {
      std::set<Link> held = cut();
      later([=, this] { done(sample(sampling, held)); });
    });
  }
  void probe_links(std::function<void(LinkProbe)> done) override { probe(cut(), done); }
  void probe_port(std::uint16_t port, std::function<void(LinkProbe)> done) override {
    std::set<Link> blocked = cut();
    for (const LinkRule& rule : rules_.in_force()) {
      bool of_port = rule.model.blocked && rule.model.port == port;
      if (of_port) blocked.insert(rule.links.begin(), rule.links.end());
    }
    probe(blocked, done);
  }
  void probe_clients(std::function<void(std::map<NodeId, LineState>)> done) override {
    std::map<NodeId, LineState> lines;
    for (NodeId node : nodes_) lines[node] = client_line(node);
    later([=] { done(lines); });
  }
  void read_tolls(std::function<void(Result<LinkTolls>)> done) override {
    later([=, this] { done(tolls_); });
  }
  void dial_links(std::string owner, std::function<void(Result<Lines>)> done) override {
    Lines& lines = lines_[owner];
    for (NodeId a : nodes_) {
      for (NodeId b : nodes_) {
        if (a != b) lines[{a, b}] = dialled({a, b});
      }
    }
    talk_over_links(std::move(owner), std::move(done));
  }
  void talk_over_links(std::string owner, std::function<void(Result<Lines>)> done) override {
    for (auto& [link, state] : lines_[owner]) {
      bool struck = resets(link) || resets({link.target, link.source});
      if (struck && !idle) ++tolls_[link.target].resets;
      if (struck && state == LineState::open) state = LineState::reset;
    }
    later([=, this] { done(lines_[owner]); });
  }
  void bend_names(NodeId node, NameFault fault, Duration delay, Act done) override {
    act(std::move(done), [=, this] { names_[node] = {fault, delay}; });
  }
  void look_up_names(NodeId node, Duration,
                     std::function<void(Result<NameAnswers>)> done) override {
    auto [fault, delay] = names_[node];
    NameAnswers told{.answers = {}, .asked = 5};
    for (NodeId other : nodes_) {
      bool right = fault == NameFault::right || fault == NameFault::slow;
      std::string address = fault == NameFault::missing ? "" : right ? "10.0.0.1" : "10.0.0.2";
      told.answers[other] = {address, right, fault == NameFault::slow ? delay : Duration{1}};
    }
    later([=] { done(told); });
  }
  void kill(NodeId node, Act done) override { end(node, "signal 9", done); }
  void terminate(NodeId node, Act done) override {
    if (deaf) return act(std::move(done), [] {});
    end(node, "exit 0", done);
  }
  void start(NodeId node, Act done) override {
    bool stopped = report(node.index).process == ProcessState::stopped;
    if (stopped && !dead && !refuses) {
      ++report(node.index).starts;
      if (!same_version_again) report(node.index).version = next_versions_[node];
      stored_[node] = std::max<std::int64_t>(stored_[node], 1);
    }
    become(node, stopped ? ProcessState::running : report(node.index).process, done);
  }
  void pause(NodeId node, Act done) override {
    paused_at_[node] = time_;
    become(node, ProcessState::paused, done);
  }
  void resume(NodeId node, Act done) override {
    bool paused = report(node.index).process == ProcessState::paused;
    if (paused) report(node.index).stood_still += time_ - paused_at_[node];
    become(node, paused ? ProcessState::running : report(node.index).process, done);
  }
  void freeze(NodeId node, Act done) override {
    ++frozen;
    pause(node, std::move(done));
  }
  void limit(NodeId node, Resource resource, std::int64_t amount, Act done) override {
    act(std::move(done), [=, this] {
      limits_[node] = amount;
      report(node.index).limited = {std::string(to_string(resource))};
      if (resource != Resource::memory || toothless) return;
      report(node.index).process = ProcessState::stopped;
      report(node.index).ended = "signal 9";
    });
  }
  void unlimit(NodeId node, Resource, Act done) override {
    act(std::move(done), [=, this] {
      limits_.erase(node);
      report(node.index).limited.clear();
    });
  }
  void measure(NodeId node, Resource resource, Duration window, Measured done) override {
    if (refuses) return later([=] { done(Error{Error::Code::refused, "no such device"}); });
    if (dies_meanwhile) report(node.index).process = ProcessState::stopped;
    later([=, this] { done(use_of(node, resource, window)); });
  }
  void step_clock(NodeId node, Duration step, Act done) override {
    act(std::move(done), [=, this] { report(node.index).clock_offset += step; });
  }
  void reset_clock(NodeId node, Act done) override {
    act(std::move(done), [=, this] {
      report(node.index).clock_offset = Duration{0};
      courses_.erase(node);
    });
  }
  void bend_clock(NodeId node, const ClockCourse& course, Act done) override {
    act(std::move(done), [=, this] { courses_[node] = {course_instead.value_or(course), time_}; });
  }
  void wipe(NodeId node, std::function<void(Result<Erased>)> done) override {
    if (refuses) return later([=] { done(Error{Error::Code::refused, "no such device"}); });
    Erased erased{stored_[node], dead ? stored_[node] : 0};
    if (!dead) stored_[node] = 0;
    later([=] { done(erased); });
  }
  void cut_power(NodeId node, std::string, std::uint64_t, PowerCut done) override {
    end(node, "signal 9", [done](const Status& cut) {
      done(cut ? Result<Value>(Map{}) : Result<Value>(cut.error()));
    });
  }
  void bend_disk(NodeId node, Map rule, Act done) override {
    act(std::move(done), [=, this] { disk_rules_[node] = rule; });
  }
  void straighten_disk(NodeId node, std::string, DiskRules done) override {
    disk_rules(node, std::move(done));
    disk_rules_.erase(node);
  }
  void disk_rules(NodeId node, DiskRules done) override {
    if (refuses) return later([=] { done(Error{Error::Code::refused, "no such device"}); });
    List rules;
    if (auto found = disk_rules_.find(node); found != disk_rules_.end()) {
      Map rule;
      rule["rule"] = found->second["rule"];
      rule["struck"] = 1;
      rule["altered"] = toothless ? 0 : 1;
      rules.emplace_back(std::move(rule));
    }
    later([=] { done(Value(rules)); });
  }
  void change_disk(NodeId node, Map act, DiskAnswer done) override {
    if (refuses) return later([=] { done(Error{Error::Code::refused, "no such device"}); });
    disk_acts.push_back(to_string(node) + " " + act["do"].text());
    Map answer;
    answer["changed"] = dead || toothless ? 0 : 1;
    if (act["do"] == Value("mend")) answer["mended"] = 1;
    later([=] { done(Value(answer)); });
  }
  void choose_version(NodeId node, Version version, Act done) override {
    act(std::move(done), [=, this] { next_versions_[node] = version; });
  }
  void instruct(NodeId node, std::string verb, Value value, Act done) override {
    bool unwilling = obeys_after > 0 || report(node.index).status.role != "leader";
    if (obeys_after > 0) --obeys_after;
    if (unwilling) return later([=] { done(Error{Error::Code::refused, "not now"}); });
    bool given_up = taken_up_in_vain > 0;
    if (given_up) --taken_up_in_vain;
    act(std::move(done), [=, this] {
      if (!given_up) obey(node, verb, value);
    });
  }
  void survey(std::function<void(std::vector<NodeReport>)> done) override {
    if (slow > 0) --slow;
    if (slow == 0 && old_.empty()) return later([this, done] { done(seen_now()); });
    std::vector<NodeReport> shown = old_.empty() ? reports_ : old_;
    if (slow == 0) old_.clear();
    later([=] { done(shown); });
  }
  void after(Duration delay, std::function<void()> act) override {
    waited += delay;
    later([this, delay, act = std::move(act)] {
      time_ += delay;
      act();
    });
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
    FaultScene scene{*this, rng, budget, notes};
    std::vector<Outcome> outcomes;
    nemesis.apply(op, scene, [&](Outcome outcome) { outcomes.push_back(std::move(outcome)); });
    ASSERT_MSG(outcomes.empty(), "a nemesis must not complete before its acts do");
    while (!queue_.empty()) {
      auto next = std::move(queue_.front());
      queue_.pop_front();
      next();
    }
    ASSERT_MSG(outcomes.size() == 1, "a nemesis completes exactly once");
    notes = scene.notes;
    return outcomes.front();
  }

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
  void probe(const std::set<Link>& blocked, const std::function<void(LinkProbe)>& done) {
    LinkProbe probe;
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
  LineState client_line(NodeId node) {
    Link there{NodeId::all_clients(), node};
    Link back{node, NodeId::all_clients()};
    if (cut().contains(there) && !leaks.contains(there)) {
      ++tolls_[node].requests;
      return LineState::silent;
    }
    if (cut().contains(back) && !leaks.contains(back)) {
      ++tolls_[node].replies;
      return LineState::silent;
    }
    if (rules_.filter(rules_.number_of(there)).refuses) {
      ++tolls_[node].resets;
      return LineState::refused;
    }
    return report(node.index).process == ProcessState::stopped ? LineState::refused
                                                               : LineState::open;
  }
  LineState dialled(Link link) {
    std::set<Link> blocked = cut();
    if (blocked.contains(link) || blocked.contains({link.target, link.source})) {
      return LineState::silent;
    }
    return rules_.filter(rules_.number_of(link)).refuses ? LineState::refused : LineState::open;
  }
  bool resets(Link link) const { return rules_.filter(rules_.number_of(link)).resets; }
  void obey(NodeId leader, const std::string& verb, const Value& value) {
    if (verb == transfer_leadership) {
      std::int64_t term = report(leader.index).status.term;
      report(leader.index).status.role = "follower";
      NodeReport& heir = report(parse_node_id(value.text())->index);
      heir.status.role = "leader";
      heir.status.term = term + 1;
      return;
    }
    std::vector<NodeId> wanted;
    for (const Value& name : value.list()) wanted.push_back(*parse_node_id(name.text()));
    std::vector<NodeId> voters = report(leader.index).status.voters;
    if (one_at_a_time) wanted = one_nearer(voters, wanted);
    set_voters(wanted);
  }
  static std::vector<NodeId> one_nearer(std::vector<NodeId> from, const std::vector<NodeId>& to) {
    for (NodeId node : to) {
      if (std::find(from.begin(), from.end(), node) != from.end()) continue;
      from.push_back(node);
      std::sort(from.begin(), from.end());
      return from;
    }
    for (NodeId node : from) {
      if (std::find(to.begin(), to.end(), node) != to.end()) continue;
      std::erase(from, node);
      return from;
    }
    return from;
  }
  void later(std::function<void()> act) { queue_.push_back(std::move(act)); }
  void act(Act done, const std::function<void()>& change) {
    if (refuses) {
      return later([=] { done(Error{Error::Code::refused, "no such device"}); });
    }
    if (!dead) change();
    later([=] { done(Done{}); });
  }
  // What a machine shows on which limits bite, unless they are toothless.
  ResourceUse use_of(NodeId node, Resource resource, Duration window) const {
    ResourceUse use;
    use.after.at = window;
    use.after.used = 1'000'000;
    auto limit = limits_.find(node);
    if (limit == limits_.end()) return use;
    use.after.limit = limit->second;
    if (toothless) return use;
    use.after.refused = 1;
    if (resource == Resource::cpu) use.after.used = window.count() / 100 * limit->second;
    if (resource == Resource::disk) use.after.used = limit->second;
    bool tries = resource == Resource::pids || resource == Resource::descriptors ||
                 resource == Resource::ports;
    if (tries) use.after.refusal = "refused";
    return use;
  }
  LinkSamples sample(const LinkSampling& sampling, const std::set<Link>& held) {
    LinkSamples samples;
    for (NodeId a : nodes_) {
      for (NodeId b : nodes_) {
        if (a != b) samples.links[{a, b}] = sample({a, b}, sampling, held, samples);
      }
    }
    return samples;
  }
  LinkSample sample(Link link, const LinkSampling& sampling, const std::set<Link>& held,
                    LinkSamples& samples) {
    LinkSample sample{sampling.count, {}};
    auto at = static_cast<std::size_t>(link.source.index * count_ + link.target.index);
    std::vector<std::pair<Duration, LinkSample::Arrival>> arrivals;
    for (int i = 0; i < sampling.count; ++i) {
      Fate fate = rules_.decide(at, LinkRules::Lane::probe);
      bool lost = rules_.holds(at) || broken.contains(link) || rules_.swallows(at, sampling.size);
      if (lost && !leaks.contains(link)) continue;
      if (fate.corrupt) ++samples.bad_checksums;
      for (std::size_t copy = 0; copy < fate.copies && !fate.corrupt; ++copy) {
        Duration delay = std::chrono::milliseconds(held.contains(link) ? 300 : 1);
        delay += fate.delays[copy];
        if (!rules_.in_force().empty()) delay += everywhere_slower;
        if (std::int64_t rate = rules_.rate(at); rate > 0) {
          auto bytes = (i + 1) * static_cast<std::int64_t>(sampling.size);
          delay += Duration{bytes * 1'000'000'000 / rate};
        }
        arrivals.push_back({i * sampling.interval + delay, {i, delay}});
      }
    }
    std::stable_sort(arrivals.begin(), arrivals.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [time, arrival] : arrivals) sample.arrivals.push_back(arrival);
    return sample;
  }
  std::vector<NodeReport> seen_now() {
    std::vector<NodeReport> seen = reports_;
    for (NodeReport& shown : seen) {
      auto course = courses_.find(shown.node);
      if (course != courses_.end()) {
        shown.clock_offset += gain_of(course->second.first, time_ - course->second.second);
      }
      shown.read_at = time_;
    }
    return seen;
  }
  void end(NodeId node, const char* how, const Act& done) {
    if (!dead && !refuses) report(node.index).ended = how;
    become(node, ProcessState::stopped, done);
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
