#include "harness/sim/cluster.h"

namespace sunder {
namespace {

constexpr Duration control_delay = std::chrono::milliseconds(1);
constexpr Duration survey_time_limit = std::chrono::milliseconds(100);
constexpr Duration boot_min = std::chrono::milliseconds(2);
constexpr Duration boot_max = std::chrono::milliseconds(20);
// So many tries that a link of a lossy base model still counts as open.
constexpr int probe_tries = 10;
constexpr Duration probe_interval = std::chrono::milliseconds(10);
constexpr Duration probe_time_limit = std::chrono::milliseconds(300);  // after the last try

}  // namespace

SimCluster::SimCluster(Kernel& kernel, SimNetwork& network, Hosts& hosts, const Test& test)
    : kernel_(kernel),
      network_(network),
      hosts_(hosts),
      has_other_version_(test.other_version.has_value()),
      rng_(kernel.seed, Stream::of("cluster")) {
  for (const auto& host : hosts_) nodes_.push_back(host->self());
}

std::set<Ability> SimCluster::abilities() const {
  return {Ability::links,        Ability::processes,     Ability::clocks,
          Ability::link_quality, Ability::clock_courses, Ability::data,
          Ability::freezer,      Ability::stored,        Ability::client_links};
}

SimHost& SimCluster::host(NodeId node) {
  ASSERT(node.is_node() && static_cast<std::size_t>(node.index) < hosts_.size());
  return *hosts_[static_cast<std::size_t>(node.index)];
}

void SimCluster::answer(Act done, Status status) {
  after(control_delay, [done = std::move(done), status = std::move(status)] { done(status); });
}

void SimCluster::impose(std::string rule, std::vector<Link> links, LinkModel model, Act done) {
  network_.impose(rule, links, model);
  answer(std::move(done));
}

void SimCluster::lift(std::string rule, Act done) {
  network_.lift(rule);
  answer(std::move(done));
}

void SimCluster::kill(NodeId node, Act done) {
  host(node).kill();
  answer(std::move(done));
}

void SimCluster::terminate(NodeId node, Act done) {
  host(node).terminate();
  answer(std::move(done));
}

void SimCluster::start(NodeId node, Act done) {
  if (host(node).state() != ProcessState::stopped) return answer(std::move(done));
  Duration boot = rng_.between(boot_min, boot_max);
  host(node).start(boot);
  after(boot + control_delay, [done = std::move(done)] { done(Done{}); });
}

void SimCluster::pause(NodeId node, Act done) {
  if (host(node).state() == ProcessState::stopped) {
    return answer(std::move(done), Error{Error::Code::refused,
                                         to_string(node) + " cannot be paused: it is stopped"});
  }
  host(node).pause();
  answer(std::move(done));
}

void SimCluster::resume(NodeId node, Act done) {
  host(node).resume();
  answer(std::move(done));
}

void SimCluster::step_clock(NodeId node, Duration step, Act done) {
  host(node).step_clock(step);
  answer(std::move(done));
}

void SimCluster::reset_clock(NodeId node, Act done) {
  host(node).reset_clock();
  answer(std::move(done));
}

void SimCluster::bend_clock(NodeId node, const ClockCourse& course, Act done) {
  host(node).bend_clock(course);
  answer(std::move(done));
}

void SimCluster::wipe(NodeId node, std::function<void(Result<Erased>)> done) {
  Result<Erased> erased = Error{Error::Code::refused, to_string(node) + " still runs"};
  if (host(node).state() == ProcessState::stopped) erased = host(node).wipe();
  after(control_delay, [done = std::move(done), erased = std::move(erased)] { done(erased); });
}

void SimCluster::change_disk(NodeId node, Map act, DiskAnswer done) {
  Result<Value> changed = host(node).change_disk(act);
  after(control_delay, [done = std::move(done), changed = std::move(changed)] { done(changed); });
}

void SimCluster::choose_version(NodeId node, Version version, Act done) {
  if (!has_other_version_) return Cluster::choose_version(node, version, std::move(done));
  host(node).choose_version(version);
  answer(std::move(done));
}

void SimCluster::instruct(NodeId node, std::string verb, Value value, Act done) {
  Status status = host(node).instruct(verb, value);
  bool answers = host(node).state() == ProcessState::running;
  after(answers ? control_delay : survey_time_limit,
        [done = std::move(done), status = std::move(status)] { done(status); });
}

void SimCluster::look(NodeId node, std::function<void(NodeReport)> done) {
  bool answers = host(node).state() == ProcessState::running;
  after(answers ? control_delay : survey_time_limit,
        [this, node, done = std::move(done)] { done(host(node).report()); });
}

void SimCluster::survey(std::function<void(std::vector<NodeReport>)> done) {
  bool all_answer = true;
  for (const auto& host : hosts_) {
    all_answer = all_answer && host->state() == ProcessState::running;
  }
  after(all_answer ? control_delay : survey_time_limit, [this, done = std::move(done)] {
    std::vector<NodeReport> reports;
    for (const auto& host : hosts_) reports.push_back(host->report());
    done(std::move(reports));
  });
}

void SimCluster::after(Duration delay, std::function<void()> act) {
  kernel_.push(std::max(delay, Duration{0}), EventKind::call, 0, calls_.put(std::move(act)));
}

void SimCluster::call(const PendingEvent& event) {
  std::function<void()> act = calls_.take(event.slot);
  act();
}

void SimCluster::probe_links(std::function<void(LinkProbe)> done) {
  std::size_t n = hosts_.size();
  Probing probing{++probe_tag_, std::vector<bool>(n * n), n * (n - 1), 0, std::move(done)};
  for (std::size_t i = 0; i < n; ++i) probing.delivered[i * n + i] = true;
  probings_.push_back(std::move(probing));
  after(control_delay, [this, tag = probe_tag_] { try_probes(tag); });
}

SimCluster::Probing* SimCluster::probing(std::uint64_t tag) {
  for (Probing& probing : probings_) {
    if (probing.tag == tag) return &probing;
  }
  return nullptr;
}

void SimCluster::try_probes(std::uint64_t tag) {
  Probing* probe = probing(tag);
  if (probe == nullptr) return;
  if (probe->missing == 0) return finish_probes(tag);  // of a single node
  std::size_t n = hosts_.size();
  for (std::size_t link = 0; link < n * n; ++link) {
    if (!probe->delivered[link]) network_.send_probe({link / n, link % n, tag});
  }
  bool last = ++probe->tries == probe_tries;
  after(last ? probe_time_limit : probe_interval, [this, tag, last] {
    if (last) {
      finish_probes(tag);
    } else {
      try_probes(tag);
    }
  });
}

void SimCluster::probe_arrived(const PendingEvent& event) {
  std::optional<SimNetwork::Probe> arrived = network_.probe_arrives(event.slot);
  if (!arrived) return;
  auto sampling = samplings_.find(arrived->tag);
  if (sampling != samplings_.end()) return sample_arrived(sampling->second, *arrived);
  Probing* probe = arrived->corrupt ? nullptr : probing(arrived->tag);
  if (probe == nullptr) return;
  std::size_t link = arrived->source * hosts_.size() + arrived->target;
  if (probe->delivered[link]) return;
  probe->delivered[link] = true;
  if (--probe->missing == 0) finish_probes(arrived->tag);
}

void SimCluster::finish_probes(std::uint64_t tag) {
  Probing* probe = probing(tag);
  if (probe == nullptr) return;
  LinkProbe result;
  std::size_t n = hosts_.size();
  for (std::size_t link = 0; link < n * n; ++link) {
    if (link / n == link % n) continue;
    auto& side = probe->delivered[link] ? result.delivered : result.lost;
    side.insert(Link{nodes_[link / n], nodes_[link % n]});
  }
  std::function<void(LinkProbe)> done = std::move(probe->done);
  std::erase_if(probings_, [&](const Probing& entry) { return entry.tag == tag; });
  done(std::move(result));
}

void SimCluster::probe_clients(std::function<void(std::map<NodeId, LineState>)> done) {
  after(control_delay, [this, done = std::move(done)] {
    std::map<NodeId, LineState> lines;
    for (NodeId node : nodes_) {
      bool answers = network_.passes_client_link(NodeId::all_clients(), node) &&
                     network_.passes_client_link(node, NodeId::all_clients());
      lines[node] = answers ? LineState::open : LineState::silent;
    }
    done(std::move(lines));
  });
}

void SimCluster::read_tolls(std::function<void(Result<LinkTolls>)> done) {
  after(control_delay, [this, done = std::move(done)] {
    LinkTolls tolls = network_.tolls();
    for (NodeId node : nodes_) tolls[node];
    done(std::move(tolls));
  });
}

void SimCluster::sample_links(LinkSampling sampling,
                              std::function<void(Result<LinkSamples>)> done) {
  Sampling fresh{sampling, {}, 0, std::move(done)};
  for (NodeId source : nodes_) {
    for (NodeId target : nodes_) {
      if (source != target) fresh.found.links[{source, target}].sent = sampling.count;
    }
  }
  samplings_.emplace(++probe_tag_, std::move(fresh));
  after(control_delay, [this, tag = probe_tag_] { send_row(tag); });
}

void SimCluster::send_row(std::uint64_t tag) {
  Sampling& sampling = samplings_.at(tag);
  for (const auto& [link, sample] : sampling.found.links) {
    network_.send_probe({static_cast<std::size_t>(link.source.index),
                         static_cast<std::size_t>(link.target.index), tag, sampling.rows,
                         sampling.asked.size, kernel_.now});
  }
  if (++sampling.rows < sampling.asked.count) {
    return after(sampling.asked.interval, [this, tag] { send_row(tag); });
  }
  after(sampling.asked.patience, [this, tag] {
    auto over = samplings_.extract(tag);
    over.mapped().done(std::move(over.mapped().found));
  });
}

void SimCluster::sample_arrived(Sampling& sampling, const SimNetwork::Probe& probe) {
  if (probe.corrupt) {
    ++sampling.found.bad_checksums;
    return;
  }
  LinkSample& sample = sampling.found.links[{nodes_[probe.source], nodes_[probe.target]}];
  sample.arrivals.push_back({probe.sequence, kernel_.now - probe.sent});
}

void SimCluster::add_draws(Digest& digest) const { digest.add(rng_.draws()); }

}  // namespace sunder
