#include "tests/nemesis/support/fake_cluster.h"

#include <algorithm>

#include "harness/core/assert.h"

namespace sunder {

FakeCluster::FakeCluster(int count, int leader)
    : rules_(static_cast<std::size_t>(count), LinkModel{}, 1), count_(count) {
  for (int i = 0; i < count; ++i) {
    nodes_.push_back(NodeId::node(i));
    NodeReport report{nodes_.back(), ProcessState::running, true, {}, Duration{0}};
    report.status = {i == leader ? "leader" : "follower", i == leader ? 3 : 2, true};
    report.starts = 1;
    report.version = Version::usual;
    reports_.push_back(report);
    stored_[nodes_.back()] = 7;
  }
}

FakeCluster::~FakeCluster() = default;

void FakeCluster::set_voters(const std::vector<NodeId>& voters) {
  for (NodeReport& report : reports_) report.status.voters = voters;
}

std::set<Link> FakeCluster::cut() const {
  std::set<Link> links;
  for (const LinkRule& rule : rules_.in_force()) {
    if (!rule.model.blocks_all() && !rule.model.hold) continue;
    links.insert(rule.links.begin(), rule.links.end());
  }
  return links;
}

std::set<Ability> FakeCluster::abilities() const {
  return {Ability::links,   Ability::processes, Ability::clocks,        Ability::link_quality,
          Ability::data,    Ability::power,     Ability::stored,        Ability::disks,
          Ability::freezer, Ability::resources, Ability::clock_courses, Ability::client_links,
          Ability::names,   Ability::transport};
}

void FakeCluster::impose(std::string rule, std::vector<Link> links, LinkModel model, Act done) {
  act(std::move(done), [=, this] { rules_.impose(rule, links, model); });
}

void FakeCluster::lift(std::string rule, Act done) {
  act(std::move(done), [=, this] { rules_.lift(rule); });
}

void FakeCluster::sample_links(LinkSampling sampling,
                               std::function<void(Result<LinkSamples>)> done) {
  // Probes are sent now, and arrive when whatever was asked for next has happened.
  later([=, this] {
    std::set<Link> held = cut();
    later([=, this] { done(sample(sampling, held)); });
  });
}

void FakeCluster::probe_port(std::uint16_t port, std::function<void(LinkProbe)> done) {
  std::set<Link> blocked = cut();
  for (const LinkRule& rule : rules_.in_force()) {
    bool of_port = rule.model.blocked && rule.model.port == port;
    if (of_port) blocked.insert(rule.links.begin(), rule.links.end());
  }
  probe(blocked, done);
}

void FakeCluster::probe_clients(std::function<void(std::map<NodeId, LineState>)> done) {
  std::map<NodeId, LineState> lines;
  for (NodeId node : nodes_) lines[node] = client_line(node);
  later([=] { done(lines); });
}

void FakeCluster::read_tolls(std::function<void(Result<LinkTolls>)> done) {
  later([=, this] { done(tolls_); });
}

void FakeCluster::dial_links(std::string owner, std::function<void(Result<Lines>)> done) {
  Lines& lines = lines_[owner];
  for (NodeId a : nodes_) {
    for (NodeId b : nodes_) {
      if (a != b) lines[{a, b}] = dialled({a, b});
    }
  }
  talk_over_links(std::move(owner), std::move(done));
}

void FakeCluster::talk_over_links(std::string owner, std::function<void(Result<Lines>)> done) {
  for (auto& [link, state] : lines_[owner]) {
    bool struck = resets(link) || resets({link.target, link.source});
    if (struck && !idle) ++tolls_[link.target].resets;
    if (struck && state == LineState::open) state = LineState::reset;
  }
  later([=, this] { done(lines_[owner]); });
}

void FakeCluster::bend_names(NodeId node, NameFault fault, Duration delay, Act done) {
  act(std::move(done), [=, this] { names_[node] = {fault, delay}; });
}

void FakeCluster::look_up_names(NodeId node, Duration,
                                std::function<void(Result<NameAnswers>)> done) {
  auto [fault, delay] = names_[node];
  NameAnswers told{.answers = {}, .asked = 5};
  for (NodeId other : nodes_) {
    bool right = fault == NameFault::right || fault == NameFault::slow;
    std::string address = fault == NameFault::missing ? "" : right ? "10.0.0.1" : "10.0.0.2";
    told.answers[other] = {address, right, fault == NameFault::slow ? delay : Duration{1}};
  }
  later([=] { done(told); });
}

void FakeCluster::terminate(NodeId node, Act done) {
  if (deaf) return act(std::move(done), [] {});
  end(node, "exit 0", done);
}

void FakeCluster::start(NodeId node, Act done) {
  bool stopped = report(node.index).process == ProcessState::stopped;
  if (stopped && !dead && !refuses) {
    ++report(node.index).starts;
    if (!same_version_again) report(node.index).version = next_versions_[node];
    stored_[node] = std::max<std::int64_t>(stored_[node], 1);
  }
  become(node, stopped ? ProcessState::running : report(node.index).process, done);
}

void FakeCluster::pause(NodeId node, Act done) {
  paused_at_[node] = time_;
  become(node, ProcessState::paused, done);
}

void FakeCluster::resume(NodeId node, Act done) {
  bool paused = report(node.index).process == ProcessState::paused;
  if (paused) report(node.index).stood_still += time_ - paused_at_[node];
  become(node, paused ? ProcessState::running : report(node.index).process, done);
}

void FakeCluster::freeze(NodeId node, Act done) {
  ++frozen;
  pause(node, std::move(done));
}

void FakeCluster::limit(NodeId node, Resource resource, std::int64_t amount, Act done) {
  act(std::move(done), [=, this] {
    limits_[node] = amount;
    report(node.index).limited = {std::string(to_string(resource))};
    if (resource != Resource::memory || toothless) return;
    report(node.index).process = ProcessState::stopped;
    report(node.index).ended = "signal 9";
  });
}

void FakeCluster::unlimit(NodeId node, Resource, Act done) {
  act(std::move(done), [=, this] {
    limits_.erase(node);
    report(node.index).limited.clear();
  });
}

void FakeCluster::measure(NodeId node, Resource resource, Duration window, Measured done) {
  if (refuses) return later([=] { done(Error{Error::Code::refused, "no such device"}); });
  if (dies_meanwhile) report(node.index).process = ProcessState::stopped;
  later([=, this] { done(use_of(node, resource, window)); });
}

void FakeCluster::step_clock(NodeId node, Duration step, Act done) {
  act(std::move(done), [=, this] { report(node.index).clock_offset += step; });
}

void FakeCluster::reset_clock(NodeId node, Act done) {
  act(std::move(done), [=, this] {
    report(node.index).clock_offset = Duration{0};
    courses_.erase(node);
  });
}

void FakeCluster::bend_clock(NodeId node, const ClockCourse& course, Act done) {
  act(std::move(done), [=, this] { courses_[node] = {course_instead.value_or(course), time_}; });
}

void FakeCluster::wipe(NodeId node, std::function<void(Result<Erased>)> done) {
  if (refuses) return later([=] { done(Error{Error::Code::refused, "no such device"}); });
  Erased erased{stored_[node], dead ? stored_[node] : 0};
  if (!dead) stored_[node] = 0;
  later([=] { done(erased); });
}

void FakeCluster::cut_power(NodeId node, std::string, std::uint64_t, PowerCut done) {
  end(node, "signal 9", [done](const Status& cut) {
    done(cut ? Result<Value>(Map{}) : Result<Value>(cut.error()));
  });
}

void FakeCluster::bend_disk(NodeId node, Map rule, Act done) {
  act(std::move(done), [=, this] { disk_rules_[node] = rule; });
}

void FakeCluster::straighten_disk(NodeId node, std::string, DiskRules done) {
  disk_rules(node, std::move(done));
  disk_rules_.erase(node);
}

void FakeCluster::disk_rules(NodeId node, DiskRules done) {
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

void FakeCluster::change_disk(NodeId node, Map act, DiskAnswer done) {
  if (refuses) return later([=] { done(Error{Error::Code::refused, "no such device"}); });
  disk_acts.push_back(to_string(node) + " " + act["do"].text());
  Map answer;
  answer["changed"] = dead || toothless ? 0 : 1;
  if (act["do"] == Value("mend")) answer["mended"] = 1;
  later([=] { done(Value(answer)); });
}

void FakeCluster::choose_version(NodeId node, Version version, Act done) {
  act(std::move(done), [=, this] { next_versions_[node] = version; });
}

void FakeCluster::instruct(NodeId node, std::string verb, Value value, Act done) {
  bool unwilling = obeys_after > 0 || report(node.index).status.role != "leader";
  if (obeys_after > 0) --obeys_after;
  if (unwilling) return later([=] { done(Error{Error::Code::refused, "not now"}); });
  bool given_up = taken_up_in_vain > 0;
  if (given_up) --taken_up_in_vain;
  act(std::move(done), [=, this] {
    if (!given_up) obey(node, verb, value);
  });
}

void FakeCluster::survey(std::function<void(std::vector<NodeReport>)> done) {
  if (slow > 0) --slow;
  if (slow == 0 && old_.empty()) return later([this, done] { done(seen_now()); });
  std::vector<NodeReport> shown = old_.empty() ? reports_ : old_;
  if (slow == 0) old_.clear();
  later([=] { done(shown); });
}

void FakeCluster::after(Duration delay, std::function<void()> act) {
  waited += delay;
  later([this, delay, act = std::move(act)] {
    time_ += delay;
    act();
  });
}

void FakeCluster::lag(int surveys) {
  old_ = reports_;
  slow = surveys;
}

Outcome FakeCluster::apply(const Nemesis& nemesis, Rng& rng, std::string verb, Value value) {
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

void FakeCluster::probe(const std::set<Link>& blocked, const std::function<void(LinkProbe)>& done) {
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

LineState FakeCluster::client_line(NodeId node) {
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

LineState FakeCluster::dialled(Link link) {
  std::set<Link> blocked = cut();
  if (blocked.contains(link) || blocked.contains({link.target, link.source})) {
    return LineState::silent;
  }
  return rules_.filter(rules_.number_of(link)).refuses ? LineState::refused : LineState::open;
}

void FakeCluster::obey(NodeId leader, const std::string& verb, const Value& value) {
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

std::vector<NodeId> FakeCluster::one_nearer(std::vector<NodeId> from,
                                            const std::vector<NodeId>& to) {
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

void FakeCluster::act(Act done, const std::function<void()>& change) {
  if (refuses) {
    return later([=] { done(Error{Error::Code::refused, "no such device"}); });
  }
  if (!dead) change();
  later([=] { done(Done{}); });
}

ResourceUse FakeCluster::use_of(NodeId node, Resource resource, Duration window) const {
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

LinkSamples FakeCluster::sample(const LinkSampling& sampling, const std::set<Link>& held) {
  LinkSamples samples;
  for (NodeId a : nodes_) {
    for (NodeId b : nodes_) {
      if (a != b) samples.links[{a, b}] = sample({a, b}, sampling, held, samples);
    }
  }
  return samples;
}

LinkSample FakeCluster::sample(Link link, const LinkSampling& sampling, const std::set<Link>& held,
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

std::vector<NodeReport> FakeCluster::seen_now() {
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

void FakeCluster::end(NodeId node, const char* how, const Act& done) {
  if (!dead && !refuses) report(node.index).ended = how;
  become(node, ProcessState::stopped, done);
}

void FakeCluster::become(NodeId node, ProcessState state, const Act& done) {
  act(done, [=, this] {
    report(node.index).process = state;
    report(node.index).reachable = state == ProcessState::running;
  });
}

}  // namespace sunder
