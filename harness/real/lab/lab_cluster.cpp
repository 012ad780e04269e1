#include "harness/real/lab/lab_cluster.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace sunder {
namespace {

namespace asio = boost::asio;

constexpr Duration status_limit = std::chrono::milliseconds(500);
constexpr Duration instruct_limit = std::chrono::seconds(2);
constexpr Duration lease = std::chrono::seconds(5);
constexpr Duration lease_renewal = std::chrono::seconds(1);
constexpr Duration probe_wait = std::chrono::milliseconds(100);  // beside the links' own delay
constexpr int probe_tries = 3;

Duration typical_delay(const LinkModel& model) {
  return 2 * model.delay + 8 * model.jitter + model.reorder_span;
}

ProcessState process_of(const Value& reply) {
  const Value* process = reply.find("process");
  std::string_view text =
      process != nullptr && process->is_text() ? std::string_view(process->text()) : "stopped";
  if (text == "running") return ProcessState::running;
  return text == "paused" ? ProcessState::paused : ProcessState::stopped;
}

std::int64_t integer_of(const Value& reply, std::string_view key) {
  const Value* found = reply.find(key);
  return found != nullptr && found->is_integer() ? found->integer() : 0;
}

// What the agent says of its node.
void read_state(const Value& reply, NodeReport& report) {
  report.process = process_of(reply);
  report.starts = integer_of(reply, "starts");
  report.stood_still = Duration{integer_of(reply, "stood_still_ns")};
  const Value* limited = reply.find("limited");
  if (limited != nullptr && limited->is_list()) {
    for (const Value& resource : limited->list()) {
      if (resource.is_text()) report.limited.push_back(resource.text());
    }
  }
  for (const char* how : {"exit", "signal"}) {
    if (reply.find(how) == nullptr) continue;
    report.ended = std::string(how) + " " + std::to_string(integer_of(reply, how));
  }
}

// Where the agent bends its host's clock, it knows best how far that is off.
bool reads_clock(const Value& reply) { return reply.find("clock_offset_ns") != nullptr; }

void read_clock(const Value& reply, NodeReport& report) {
  if (!reads_clock(reply)) return;
  report.clock_offset = Duration{integer_of(reply, "clock_offset_ns")};
  // The right time by that host's own clock, which need not be ours.
  report.read_wall = WallTime{Duration{integer_of(reply, "wall_ns")} - report.clock_offset};
}

}  // namespace

struct LabCluster::Probing {
  std::uint64_t tag = 0;
  std::uint16_t port = 0;   // 0: the agents' own
  LinkProbe found;  // lost shrinks while datagrams arrive
  int tries = 0;
  std::size_t awaited = 0;  // agents that have not answered yet
  std::function<void(LinkProbe)> done;
};

struct LabCluster::Survey {
  std::vector<NodeReport> reports;
  std::size_t awaited = 0;
  std::function<void(std::vector<NodeReport>)> done;
  void one_answered() {
    if (--awaited == 0) done(std::move(reports));
  }
};

LabCluster::LabCluster(const Test& test, Parts parts)
    : parts_(std::move(parts)), slowest_link_(typical_delay(test.link)) {
  for (int i = 0; i < test.nodes; ++i) nodes_.push_back(NodeId::node(i));
  next_versions_.resize(nodes_.size(), Version::usual);
  if (parts_.service != nullptr) {
    status_workers_ = std::make_unique<asio::thread_pool>(nodes_.size());
  }
}

LabCluster::~LabCluster() {
  if (status_workers_) status_workers_->join();
}

void LabCluster::impose(std::string rule, std::vector<Link> links, LinkModel model, Act done) {
  slowest_link_ = std::max(slowest_link_, typical_delay(model));
  parts_.network.impose(rule, links, model, std::move(done));
}

void LabCluster::lift(std::string rule, Act done) {
  parts_.network.lift(rule, std::move(done));
}

std::shared_ptr<LabCluster::Probing> LabCluster::new_probing(
    std::uint16_t port, std::function<void(LinkProbe)> done) {
  auto probing = std::make_shared<Probing>();
  probing->tag = ++probe_tag_;
  probing->port = port;
  probing->done = std::move(done);
  for (NodeId source : nodes_) {
    for (NodeId target : nodes_) {
      if (source != target) probing->found.lost.insert({source, target});
    }
  }
  return probing;
}

void LabCluster::probe_links(std::function<void(LinkProbe)> done) {
  try_probes(new_probing(0, std::move(done)));
}

void LabCluster::probe_port(std::uint16_t port, std::function<void(LinkProbe)> done) {
  auto probing = new_probing(port, std::move(done));
  // All must listen there before the first one speaks.
  probing->awaited = nodes_.size();
  for (NodeId node : nodes_) {
    Map request;
    request["do"] = "heard";
    request["port"] = std::int64_t{port};
    agent(node).ask(std::move(request), agent_limit, [this, probing](const Result<Value>&) {
      if (--probing->awaited == 0) try_probes(probing);
    });
  }
}

void LabCluster::try_probes(const std::shared_ptr<Probing>& probing) {
  ++probing->tries;
  for (NodeId source : nodes_) {
    List targets;
    for (const Link& link : probing->found.lost) {
      if (link.source == source) targets.emplace_back(std::int64_t{link.target.index} + 1);
    }
    if (targets.empty()) continue;
    Map request;
    request["do"] = "probe";
    request["port"] = std::int64_t{probing->port};
    request["tag"] = static_cast<std::int64_t>(probing->tag);
    request["targets"] = std::move(targets);
    agent(source).ask(std::move(request), agent_limit, [](const Result<Value>&) {});
  }
  after(probe_wait + slowest_link_, [this, probing] { collect_probes(probing); });
}

void LabCluster::collect_probes(const std::shared_ptr<Probing>& probing) {
  probing->awaited = nodes_.size();
  for (NodeId target : nodes_) {
    Map request;
    request["do"] = "heard";
    request["port"] = std::int64_t{probing->port};
    request["tag"] = static_cast<std::int64_t>(probing->tag);
    agent(target).ask(std::move(request), agent_limit, [this, probing,
                                                        target](const Result<Value>& reply) {
      const Value* ports = reply ? reply->find("ports") : nullptr;
      if (ports != nullptr && ports->is_list()) {
        for (const Value& port : ports->list()) {
          Link link{NodeId::node(static_cast<std::int32_t>(port.integer()) - 1), target};
          if (probing->found.lost.erase(link) > 0) probing->found.delivered.insert(link);
        }
      }
      if (--probing->awaited > 0) return;
      if (probing->found.lost.empty() || probing->tries == probe_tries) {
        return probing->done(probing->found);
      }
      try_probes(probing);
    });
  }
}

void LabCluster::note(NodeId node, std::string_view event) {
  parts_.lifecycle.add(node, host_nanoseconds(), Event{.kind = event});
  parts_.lifecycle.flush();
}

void LabCluster::signal(NodeId node, std::string_view name, std::string_view event,
                        ProcessState expected, Act done) {
  Map request;
  request["do"] = "signal";
  request["signal"] = name;
  agent(node).ask(std::move(request), agent_limit, [this, node, event, expected,
                                                    done = std::move(done)](
                                                       const Result<Value>& reply) {
    if (!reply) return done(reply.error());
    ProcessState state = process_of(*reply);
    if (state != expected) {
      return done(Error{Error::Code::refused, to_string(node) + " is " +
                                                  std::string(to_string(state)) + ", not " +
                                                  std::string(to_string(expected))});
    }
    note(node, event);
    done(Done{});
  });
}

void LabCluster::kill(NodeId node, Act done) {
  signal(node, "kill", "killed", ProcessState::stopped, std::move(done));
}

void LabCluster::terminate(NodeId node, Act done) {
  Map request;
  request["do"] = "signal";
  request["signal"] = "term";
  agent(node).ask(std::move(request), agent_limit,
                  [this, node, done = std::move(done)](const Result<Value>& reply) {
                    if (!reply) return done(reply.error());
                    note(node, "terminated");
                    done(Done{});
                  });
}

void LabCluster::cut_power(NodeId node, std::string policy, std::uint64_t seed, PowerCut done) {
  if (parts_.power != nullptr) {
    return parts_.power->cut(node, [this, node, done = std::move(done)](Result<Value> struck) {
      if (struck) note(node, "killed");
      done(std::move(struck));
    });
  }
  auto index = static_cast<std::size_t>(node.index);
  if (index >= parts_.disks.size()) return Cluster::cut_power(node, policy, seed, std::move(done));
  // First the process, whose death writes out what it has mapped: into what is not yet synced.
  kill(node, [this, index, policy = std::move(policy), seed,
              done = std::move(done)](const Status& killed) {
    if (!killed) return done(killed.error());
    Map request;
    request["do"] = "crash";
    request["policy"] = policy;
    request["seed"] = static_cast<std::int64_t>(seed >> 1);
    parts_.disks[index]->ask(std::move(request), agent_limit, done);
  });
}

void LabCluster::ask_disk(NodeId node, Map request, DiskRules done) {
  auto index = static_cast<std::size_t>(node.index);
  if (index >= parts_.disks.size()) return Cluster::disk_rules(node, std::move(done));
  parts_.disks[index]->ask(std::move(request), agent_limit,
                           [done = std::move(done)](const Result<Value>& reply) {
                             if (!reply) return done(reply.error());
                             const Value* rules = reply->find("rules");
                             done(rules != nullptr ? *rules : Value(List{}));
                           });
}

void LabCluster::bend_disk(NodeId node, Map rule, Act done) {
  rule["do"] = "fault";
  ask_disk(node, std::move(rule), [done = std::move(done)](const Result<Value>& reply) {
    done(reply ? Status(Done{}) : Status(reply.error()));
  });
}

void LabCluster::straighten_disk(NodeId node, std::string rule, DiskRules done) {
  Map request;
  request["do"] = "lift";
  request["rule"] = std::move(rule);
  ask_disk(node, std::move(request), std::move(done));
}

void LabCluster::disk_rules(NodeId node, DiskRules done) {
  Map request;
  request["do"] = "status";
  ask_disk(node, std::move(request), std::move(done));
}

void LabCluster::change_disk(NodeId node, Map act, DiskAnswer done) {
  auto index = static_cast<std::size_t>(node.index);
  if (index >= parts_.disks.size()) return Cluster::change_disk(node, std::move(act), done);
  parts_.disks[index]->ask(std::move(act), agent_limit, std::move(done));
}

void LabCluster::pause(NodeId node, Act done) {
  signal(node, "pause", "paused", ProcessState::paused, std::move(done));
}

void LabCluster::freeze(NodeId node, Act done) {
  signal(node, "freeze", "paused", ProcessState::paused, std::move(done));
}

void LabCluster::resume(NodeId node, Act done) {
  // Of a node that was killed while it was paused nothing is left to resume: no error.
  signal(node, "resume", "resumed", ProcessState::running,
         [done = std::move(done)](const Status& resumed) {
           bool nothing_left = !resumed && resumed.error().code == Error::Code::refused;
           done(nothing_left ? Status(Done{}) : resumed);
         });
}

void LabCluster::start(NodeId node, Act done) {
  auto index = static_cast<std::size_t>(node.index);
  if (parts_.power != nullptr && parts_.power->is_off(node)) {
    return parts_.power->restore(node, [this, node, index, done = std::move(done)](
                                           Result<PowerControl::Restart> restart) mutable {
      if (!restart) return done(restart.error());
      parts_.starts[index] = std::move(restart->usual);
      if (has_versions()) parts_.other_starts[index] = std::move(restart->other);
      start(node, std::move(done));
    });
  }
  bool other = next_versions_[index] == Version::other;
  Map request = (other ? parts_.other_starts : parts_.starts)[index];
  agent(node).ask(std::move(request), agent_limit,
                  [this, node, done = std::move(done)](const Result<Value>& reply) {
                    if (!reply) return done(reply.error());
                    note(node, "started");
                    done(Done{});
                  });
}

void LabCluster::wipe(NodeId node, std::function<void(Result<Erased>)> done) {
  Map request;
  request["do"] = "wipe";
  request["folder"] = parts_.starts[static_cast<std::size_t>(node.index)]["data"];
  agent(node).ask(std::move(request), agent_limit,
                  [done = std::move(done)](const Result<Value>& reply) {
                    if (!reply) return done(reply.error());
                    done(Erased{integer_of(*reply, "erased"), integer_of(*reply, "left")});
                  });
}

void LabCluster::survey(std::function<void(std::vector<NodeReport>)> done) {
  auto survey = std::make_shared<Survey>();
  survey->done = std::move(done);
  survey->awaited = nodes_.size();
  survey->reports.resize(nodes_.size());
  for (NodeId node : nodes_) {
    look(node, [survey](NodeReport report) {
      auto index = static_cast<std::size_t>(report.node.index);
      survey->reports[index] = std::move(report);
      survey->one_answered();
    });
  }
}

void LabCluster::look(NodeId node, Looked done) {
  if (parts_.power != nullptr && parts_.power->is_off(node)) {  // there is nobody to ask
    NodeReport report{.node = node};
    report.read_at = instant_at(host_nanoseconds());
    report.read_wall = std::chrono::system_clock::now();
    return done(std::move(report));
  }
  Map request;
  request["do"] = "state";
  if (has_versions()) request["program"] = true;
  agent(node).ask(std::move(request), agent_limit,
                  [this, node, done = std::move(done)](const Result<Value>& reply) mutable {
                    NodeReport report{.node = node};
                    if (reply) read_state(*reply, report);
                    if (parts_.power != nullptr) report.boot = parts_.power->boot(node);
                    if (reply) read_version(*reply, report);
                    report.gone = agent(node).ended();
                    report.read_at = instant_at(host_nanoseconds());
                    report.read_wall = std::chrono::system_clock::now();
                    if (reply && reads_clock(*reply)) {
                      read_clock(*reply, report);
                      return ask_status(std::move(report), true, std::move(done));
                    }
                    look_at_clock(std::move(report), std::move(done));
                  });
}

void LabCluster::ask_status(NodeReport report, bool knows_clock, Looked done) {
  if (report.process != ProcessState::running) return done(std::move(report));
  NodeId node = report.node;
  if (parts_.service == nullptr) {
    return parts_.hub->ask_status(
        node, status_limit,
        [this, report = std::move(report), knows_clock, done = std::move(done)](
            const Result<ClientHub::Status>& answer) mutable {
          report.reachable = static_cast<bool>(answer);
          if (answer) {
            report.status = answer->status;
            if (!knows_clock) believe_clock(report, *answer);
            bool says_other = !answer->version.empty();
            if (says_other != (report.version == Version::other)) report.version.reset();
          }
          done(std::move(report));
        });
  }
  asio::post(*status_workers_, [this, report = std::move(report), done = std::move(done)] {
    Result<NodeStatus> answer = Error{Error::Code::refused, ""};
    try {
      const std::string& address = parts_.addresses[static_cast<std::size_t>(report.node.index)];
      answer = parts_.service->status(address, status_limit);
    } catch (const std::exception& error) {
      answer = Error{Error::Code::refused, error.what()};
    }
    asio::post(parts_.io, [report, done, answer]() mutable {
      report.reachable = static_cast<bool>(answer);
      if (answer) report.status = *answer;
      done(std::move(report));
    });
  });
}

void LabCluster::choose_version(NodeId node, Version version, Act done) {
  if (!has_versions()) return Cluster::choose_version(node, version, std::move(done));
  next_versions_[static_cast<std::size_t>(node.index)] = version;
  after(Duration{0}, [done = std::move(done)] { done(Done{}); });
}

// By what the kernel says of the process. Where the versions are two programs, it must execute the
// one that its command line names: a path may meanwhile lead to another.
void LabCluster::read_version(const Value& reply, NodeReport& report) const {
  const Value* command = reply.find("command");
  if (!has_versions() || command == nullptr || !command->is_list()) return;
  auto index = static_cast<std::size_t>(report.node.index);
  auto command_of = [index](const std::vector<Map>& starts) {
    const Value* found = starts[index].find(std::string_view("command"));
    return found != nullptr && found->is_list() ? found->list() : List{};
  };
  const List usual = command_of(parts_.starts);
  const List other = command_of(parts_.other_starts);
  if (const Value* program = reply.find("program"); program != nullptr && program->is_text()) {
    report.program = program->text();
  }
  auto file_name = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
  bool two_programs = !(usual.front() == other.front());
  bool runs_other = file_name(report.program) == file_name(other.front().text());
  if (command->list() == usual && !(two_programs && runs_other)) report.version = Version::usual;
  if (command->list() == other && (!two_programs || runs_other)) report.version = Version::other;
}

void LabCluster::instruct(NodeId node, std::string verb, Value value, Act done) {
  if (parts_.service == nullptr) {
    return parts_.hub->instruct(node, std::move(verb), std::move(value), instruct_limit,
                                std::move(done));
  }
  if (!parts_.service->instruct) return Cluster::instruct(node, verb, value, std::move(done));
  asio::post(*status_workers_, [this, node, verb = std::move(verb), value = std::move(value),
                                done = std::move(done)] {
    Status status = Error{Error::Code::refused, ""};
    try {
      const std::string& address = parts_.addresses[static_cast<std::size_t>(node.index)];
      status = parts_.service->instruct(address, verb, value, instruct_limit);
    } catch (const std::exception& error) {
      status = Error{Error::Code::refused, error.what()};
    }
    asio::post(parts_.io, [done, status] { done(status); });
  });
}

void LabCluster::after(Duration delay, std::function<void()> act) {
  auto timer = std::make_shared<asio::steady_timer>(parts_.io, delay);
  timer->async_wait([timer, act = std::move(act)](boost::system::error_code cancelled) {
    if (!cancelled) act();
  });
}

void LabCluster::keep_leases() {
  for (std::size_t i = 0; i < parts_.agents.size(); ++i) {
    Map request;
    request["do"] = "lease";
    request["milliseconds"] =
        std::int64_t{std::chrono::duration_cast<std::chrono::milliseconds>(lease).count()};
    parts_.agents[i]->ask(std::move(request), agent_limit, [this, i](const Result<Value>& reply) {
      if (!reply || !parts_.links_late) return;
      parts_.links_late(i, 2 * lease_renewal, Duration{integer_of(*reply, "late_ns")});
    });
  }
  after(lease_renewal, [this] { keep_leases(); });
}

}  // namespace sunder
