#include "harness/agent/agent.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <thread>

#include "harness/agent/fields.h"
#include "harness/agent/peer.h"
#include "harness/core/json.h"
#include "harness/faultkit/family.h"
#include "harness/faultkit/interface.h"
#include "harness/faultkit/namespaces.h"
#include "harness/faultkit/process.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr auto signal_patience = std::chrono::seconds(2);  // until the kernel shows the effect
constexpr auto signal_poll = std::chrono::milliseconds(1);

Error malformed(std::string why) { return Error{Error::Code::malformed, std::move(why)}; }

std::vector<std::uint8_t> ports_of(const Value& request) {
  std::vector<std::uint8_t> ports;
  for (const Value& port : list_of(request, "targets")) {
    if (port.is_integer()) ports.push_back(static_cast<std::uint8_t>(port.integer()));
  }
  return ports;
}

std::optional<int> signal_named(const std::string& name) {
  if (name == "kill") return SIGKILL;
  if (name == "term") return SIGTERM;
  if (name == "pause" || name == "freeze") return SIGSTOP;
  if (name == "resume") return SIGCONT;
  return {};
}

}  // namespace

Agent::Agent(ControlSocket control, std::optional<Confinement> confinement)
    : control_(std::move(control)) {
  if (!confinement) return;
  group_lease_ = std::move(confinement->lease);
  limits_.emplace(std::move(confinement->group), std::move(confinement->proc));
}

int Agent::run() {
  sigset_t watched;
  ::sigemptyset(&watched);
  ::sigaddset(&watched, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &watched, nullptr);
  Descriptor children(::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!children) return 70;
  Map hello;
  hello["ok"] = true;
  if (!host_ && !control_.send(hello)) return 0;
  while (!is_forgotten()) {
    std::array<pollfd, 10> watch{{{control_.descriptor(), POLLIN, 0},
                                 {children.get(), POLLIN, 0},
                                 {probes_ ? probes_->descriptor() : -1, POLLIN, 0},
                                 {host_ ? host_->door.get() : -1, POLLIN, 0},
                                 {visitor_.descriptor(), POLLIN, 0},
                                 {trains_ ? trains_->descriptor() : -1, POLLIN, 0},
                                 {trains_ ? trains_->timer() : -1, POLLIN, 0},
                                 {group_lease_.get(), 0, 0},
                                 {lines_ ? lines_->descriptor() : -1, POLLIN, 0},
                                 {resolver_ ? resolver_->descriptor() : -1, POLLIN, 0}}};
    constexpr int tick_ms = 100;
    int ready = ::poll(watch.data(), watch.size(), tick_ms);
    if (ready < 0 && errno != EINTR) return 70;
    signalfd_siginfo told{};
    while (::read(children.get(), &told, sizeof told) > 0) {
    }
    reap();
    if (probes_) probes_->receive();
    if (lines_) lines_->serve();
    if (resolver_) resolver_->serve();
    if (trains_) {
      trains_->send_due();
      trains_->receive();
    }
    keep_clock_bent();
    if (limits_) limits_->tick();
    if (watch[7].revents != 0) {  // without its keeper the group might outlive us
      undo_faults();
      return 0;
    }
    bool said = (watch[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
    bool there = !said || control_.receive();
    while (there && said) {
      std::optional<std::string> text = control_.next();
      if (!text) break;
      there = serve(*text);
      if (quits_) return 0;
    }
    // After the requests: a renewal may have waited while we did something slow.
    if (lease_end_ && Clock::now() > *lease_end_) undo_faults();
    if (!there && !host_) return 0;
    if (!there) control_ = ControlSocket(Descriptor());  // the controller may come back
    if (watch[3].revents != 0) open_door();
    if (watch[4].revents != 0) hear_visitor();
  }
  end_node();
  return 0;
}

bool Agent::serve(const std::string& text) {
  Map reply;
  Result<Value> request = parse_json(text);
  if (!request) {
    reply["error"] = "a request is no JSON: " + request.error().context;
    return control_.send(reply);
  }
  const Value* id = request->find("id");
  bool numbered = host_ && id != nullptr && id->is_integer();
  if (numbered) {
    std::optional<std::string> known = host_->replies.find(id->integer());
    if (known) return known->empty() || control_.send_text(*known);
  }
  Result<Answer> answer = carry_out(*request);
  Descriptor attached;
  if (answer) {
    reply = std::move(answer->fields);
    attached = std::move(answer->attached);
    reply["ok"] = true;
  } else {
    reply["error"] = answer.error().context;
  }
  if (id != nullptr) reply["id"] = *id;
  if (numbered) host_->replies.keep(id->integer(), to_json(Value(reply)));
  return control_.send(reply, attached.get());
}

Result<Agent::Answer> Agent::carry_out(const Value& request) {
  std::string act = text_of(request, "do");
  if (host_ && (act == "tree" || act == "network")) return malformed("this is no lab");
  if (act == "tree") return make_tree(request);
  if (act == "network") return make_network(request);
  if (act == "start") return start(request);
  if (act == "signal") return signal(request);
  if (act == "wipe") return wipe(request);
  if (act == "state") {
    return request.find("program") != nullptr ? state_with_program() : state();
  }
  if (act == "probe") return send_probes(request);
  if (act == "heard") return heard_probes(request);
  if (act == "train") return begin_train(request);
  if (act == "train-heard") return heard_train(request);
  if (act == "lease") return renew_lease(request);
  if (act == "limit" || act == "unlimit" || act == "trial" || act == "gauge") {
    return carry_out_on_resources(act, request);
  }
  if (speaks_of_names(act)) return carry_out_on_names(act, request);
  if (speaks_of_lines(act)) return carry_out_on_lines(act, request);
  if (!host_ && speaks_of_clock(act)) return carry_out_on_clock(act, request);
  if (host_) return carry_out_on_host(act, request);
  return malformed("the agent does not know how to '" + act + "'");
}

Result<Agent::Answer> Agent::make_tree(const Value& request) {
  NodeTree tree;
  tree.host_name = text_of(request, "name");
  tree.hosts = text_of(request, "hosts");
  tree.asks_loopback = is_set(request, "names");
  for (const Value& bind : list_of(request, "binds")) {
    if (!bind.is_list() || bind.list().size() != 2 || !bind.list()[0].is_text() ||
        !bind.list()[1].is_text()) {
      return malformed("a bind is a list of two paths");
    }
    tree.binds.emplace_back(bind.list()[0].text(), bind.list()[1].text());
  }
  Status made = make_node_tree(tree);
  if (!made) return made.error();
  if (std::string file = text_of(request, "clock"); !file.empty()) {
    Result<NodeClock> clock = NodeClock::create(file);
    if (!clock) return clock.error();
    clock_.emplace(*std::move(clock));
  }
  return Answer{};
}

Result<Agent::Answer> Agent::make_network(const Value& request) {
  auto port = static_cast<std::uint8_t>(integer_of(request, "port"));
  auto ports = static_cast<std::uint8_t>(integer_of(request, "ports"));
  auto controller = static_cast<std::uint8_t>(integer_of(request, "controller"));
  const std::string name = "eth0";
  Answer answer;
  Status done = bring_up("lo");
  if (!done) return done.error();
  if (text_of(request, "device") == "tap") {
    Result<Descriptor> tap = open_tap(name);
    if (!tap) return tap.error();
    answer.attached = *std::move(tap);
  } else {
    done = turn_offloads_off(name);
  }
  if (done) done = configure_port(name, port, ports, controller);
  if (!done) return done.error();
  std::vector<std::string> addresses;
  for (unsigned i = 1; i <= ports; ++i) {
    addresses.push_back(address_of_port(static_cast<std::uint8_t>(i)));
  }
  Status opened = open_probes(port, addresses);
  if (!opened) return opened.error();
  if (is_set(request, "names")) {
    Result<Resolver> resolver = Resolver::open(std::move(addresses));
    if (!resolver) return resolver.error();
    resolver_.emplace(*std::move(resolver));
  }
  return answer;
}

Status Agent::open_probes(std::uint8_t self, const std::vector<std::string>& addresses) {
  probes_.reset();
  port_probes_.reset();
  lines_.reset();
  trains_.reset();
  Result<LinkProbes> probes = LinkProbes::open(self, addresses, probe_port);
  if (!probes) return probes.error();
  probes_ = *std::move(probes);
  Result<LineProbes> lines = LineProbes::open(self, addresses);
  if (!lines) return lines.error();
  lines_.emplace(*std::move(lines));
  Result<LinkTrains> trains = LinkTrains::open(self, addresses);
  if (!trains) return trains.error();
  trains_ = *std::move(trains);
  return Done{};
}

Result<Agent::Answer> Agent::start(const Value& request) {
  reap();
  if (child_ != 0 && !exit_) return state();  // it runs already
  Launch what;
  what.command = texts_of(request, "command");
  if (what.command.empty()) return malformed("a start needs a command");
  what.log = text_of(request, "log");
  what.folder = text_of(request, "folder");
  if (request.find("user") != nullptr) what.user = static_cast<uid_t>(integer_of(request, "user"));
  if (const Value* environment = request.find("environment");
      environment != nullptr && environment->is_map()) {
    for (const auto& [name, value] : environment->map()) {
      if (name.is_text() && value.is_text()) what.environment[name.text()] = value.text();
    }
  }
  if (host_) {
    if (Status noted = host_->journal.will(UndoJournal::node); !noted) return noted.error();
    std::string mark = host_->folder.mark();
    std::size_t equals = mark.find('=');
    what.environment[mark.substr(0, equals)] = mark.substr(equals + 1);
  }
  if (limits_) {
    thaw();  // a process that enters a frozen group never gets to its program
    what.doors = limits_->group().doors();
    what.proc = limits_->proc();
  }
  Result<pid_t> child = clock_ ? clock_->launch(what) : launch(what);
  if (!child) return child.error();
  child_ = *child;
  ++starts_;
  exit_.reset();
  paused_ = false;
  return state();
}

Result<Agent::Answer> Agent::signal(const Value& request) {
  std::string name = text_of(request, "signal");
  std::optional<int> number = signal_named(name);
  if (!number) return malformed("the agent knows the signals kill, term, pause, freeze and resume");
  bool pauses = name == "pause" || name == "freeze";
  if (host_ && pauses && !lease_end_) return no_lease_error();
  if (name == "freeze") {
    if (Status frozen = freeze(); !frozen) return frozen.error();
  } else {
    signal_node(*number);
    if (name != "pause") thaw();  // the frozen take no signal: not the last one, either
  }
  paused_ = pauses || (paused_ && name != "resume");
  auto give_up = Clock::now() + signal_patience;
  while (name != "term" && Clock::now() < give_up) {
    reap();
    const std::string now = state().fields["process"].text();
    if (now == "stopped" || (pauses && now == "paused") ||
        (name == "resume" && now == "running")) {
      break;
    }
    std::this_thread::sleep_for(signal_poll);
  }
  return state();
}

Result<Agent::Answer> Agent::wipe(const Value& request) {
  reap();
  if (child_ != 0 && !exit_) return malformed("the node still runs");
  std::filesystem::path folder = text_of(request, "folder");
  // The folder is inside the node's own tree, and stays: it is where a mount may be.
  if (folder.is_relative() || folder.lexically_normal() == folder.root_path()) {
    return malformed("a wipe needs the folder of the node's data");
  }
  Answer answer;
  std::int64_t erased = 0;
  std::int64_t left = 0;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    std::error_code kept;
    auto removed = std::filesystem::remove_all(entry.path(), kept);
    if (!kept) erased += static_cast<std::int64_t>(removed);
  }
  if (failed) return malformed("cannot read " + folder.string() + ": " + failed.message());
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    if (std::filesystem::exists(entry.symlink_status())) ++left;
  }
  answer.fields["erased"] = erased;
  answer.fields["left"] = left;
  return answer;
}

Agent::Answer Agent::state() {
  reap();
  Answer answer;
  answer.fields["pid"] = static_cast<std::int64_t>(child_);
  answer.fields["starts"] = starts_;
  answer.fields["leases_run_out"] = leases_run_out_;
  bool ended = child_ == 0 || exit_;
  std::optional<ProcessInfo> info = ended ? std::nullopt : process_info(child_);
  bool paused = info && (info->state == 'T' || info->state == 't' || is_frozen());
  note_pause(paused);
  answer.fields["process"] = ended ? "stopped" : paused ? "paused" : "running";
  if (last_exit_ && WIFEXITED(*last_exit_)) answer.fields["exit"] = WEXITSTATUS(*last_exit_);
  if (last_exit_ && WIFSIGNALED(*last_exit_)) answer.fields["signal"] = WTERMSIG(*last_exit_);
  if (host_) {
    ClockBender::State clock = host_clock_->state();
    answer.fields["wall_ns"] = std::int64_t{clock.wall.count()};
    answer.fields["clock_offset_ns"] = std::int64_t{clock.offset.count()};
  }
  auto stood_still = stood_still_;
  if (standing_since_) stood_still += Clock::now() - *standing_since_;
  List limited;
  if (limits_) {
    for (const std::string& resource : limits_->in_force()) limited.emplace_back(resource);
  }
  if (resolver_ && resolver_->is_bent()) limited.emplace_back("names");
  if (!limited.empty()) answer.fields["limited"] = std::move(limited);
  answer.fields["stood_still_ns"] =
      std::int64_t{std::chrono::duration_cast<std::chrono::nanoseconds>(stood_still).count()};
  return answer;
}

Agent::Answer Agent::state_with_program() {
  Answer answer = state();
  bool ended = child_ == 0 || exit_;
  std::optional<Executed> executed = ended ? std::nullopt : executed_by(child_);
  if (!executed) return answer;
  List command;
  for (const std::string& word : executed->command) command.emplace_back(word);
  answer.fields["command"] = std::move(command);
  answer.fields["program"] = executed->program;
  return answer;
}

void Agent::note_pause(bool paused) {
  if (paused == standing_since_.has_value()) return;
  if (paused) {
    standing_since_ = Clock::now();
  } else {
    stood_still_ += Clock::now() - *standing_since_;
    standing_since_.reset();
  }
}

Result<Agent::Answer> Agent::send_probes(const Value& request) {
  Result<LinkProbes*> probes = probes_for(request);
  if (!probes) return probes.error();
  (*probes)->send(static_cast<std::uint64_t>(integer_of(request, "tag")), ports_of(request));
  return Answer{};
}

Result<Agent::Answer> Agent::heard_probes(const Value& request) {
  Result<LinkProbes*> probes = probes_for(request);
  if (!probes) return probes.error();
  auto tag = static_cast<std::uint64_t>(integer_of(request, "tag"));
  List ports;
  for (std::uint8_t port : (*probes)->heard(tag)) {
    ports.emplace_back(std::int64_t{port});
  }
  Answer answer;
  answer.fields["ports"] = std::move(ports);
  return answer;
}

Result<Agent::Answer> Agent::begin_train(const Value& request) {
  if (!trains_) return malformed("there is no network yet");
  trains_->begin({.tag = static_cast<std::uint64_t>(integer_of(request, "tag")),
                  .targets = ports_of(request),
                  .count = static_cast<int>(integer_of(request, "count")),
                  .interval = Duration{integer_of(request, "interval_ns")},
                  .size = static_cast<std::size_t>(integer_of(request, "size"))});
  return Answer{};
}

Result<Agent::Answer> Agent::heard_train(const Value& request) {
  if (!trains_) return malformed("there is no network yet");
  auto tag = static_cast<std::uint64_t>(integer_of(request, "tag"));
  trains_->receive();
  List arrivals;  // flat, three numbers each: there may be thousands
  for (const LinkTrains::Arrival& arrival : trains_->heard(tag)) {
    arrivals.emplace_back(std::int64_t{arrival.source});
    arrivals.emplace_back(std::int64_t{arrival.sequence});
    arrivals.emplace_back(std::int64_t{arrival.delay.count()});
  }
  Answer answer;
  answer.fields["arrivals"] = std::move(arrivals);
  answer.fields["bad_checksums"] = trains_->bad_checksums(tag);
  return answer;
}

Result<Agent::Answer> Agent::renew_lease(const Value& request) {
  lease_end_ = Clock::now() + std::chrono::milliseconds(integer_of(request, "milliseconds"));
  Answer answer;
  if (host_) answer.fields["late_ns"] = std::int64_t{host_links_->take_lateness().count()};
  return answer;
}

/// A store's helpers are struck too: in the lab everyone but the first process of its PID
/// namespace, on a host all that descends from us but is none of its disk.
void Agent::signal_node(int number) {
  if (!host_) {
    ::kill(-1, number);
    return;
  }
  signal_all(number, [this] {
    std::vector<pid_t> node = family_of(::getpid());
    std::vector<pid_t> spared = disk_ ? disk_->processes() : std::vector<pid_t>();
    std::erase_if(node, [&](pid_t pid) {
      return std::find(spared.begin(), spared.end(), pid) != spared.end();
    });
    return node;
  });
}

void Agent::reap() {
  int status = 0;
  for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0;
       pid = ::waitpid(-1, &status, WNOHANG)) {
    if (pid == child_) exit_ = last_exit_ = status;
  }
}

void Agent::undo_faults() {
  last_lease_end_ = lease_end_.value_or(last_lease_end_);
  lease_end_.reset();
  bool undone = paused_ || (limits_ && limits_->any());
  if (paused_) signal_node(SIGCONT);
  thaw();
  paused_ = false;
  if (limits_) limits_->lift_all();
  if (resolver_ && resolver_->is_bent()) {
    resolver_->behave(Resolver::Manner::right, {});
    undone = true;
  }
  if (clock_ && clock_->wall().is_bent()) {
    clock_->wall().reset();
    undone = true;
  }
  if (disk_ && disk_->straighten()) undone = true;
  if (host_ && host_links_->undo()) undone = true;
  if (host_ && host_clock_->bent() && host_clock_->reset()) undone = true;
  if (undone) ++leases_run_out_;
}

}  // namespace sunder
