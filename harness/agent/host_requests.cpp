// What an agent is asked on a host of its own, beyond the lab's requests.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <csignal>

#include "harness/agent/agent.h"
#include "harness/agent/fields.h"
#include "harness/core/json.h"
#include "harness/faultkit/cuts.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr auto first_lease = std::chrono::seconds(30);  // until the controller asks for its own

std::int64_t read_clock_ns(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::vector<std::uint16_t> ports_of(const Value& request, std::string_view key) {
  std::vector<std::uint16_t> ports;
  for (const Value& port : list_of(request, key)) {
    if (port.is_integer()) ports.push_back(static_cast<std::uint16_t>(port.integer()));
  }
  return ports;
}

Cuts cuts_of(const Value& request) {
  Cuts cuts{.addresses = texts_of(request, "addresses"),
            .refused = texts_of(request, "refused"),
            .reset = texts_of(request, "reset"),
            .requests = is_set(request, "requests"),
            .replies = is_set(request, "replies"),
            .refuses_clients = is_set(request, "refuses_clients"),
            .resets_clients = is_set(request, "resets_clients")};
  for (const Value& port : list_of(request, "ports")) {
    cuts.ports.push_back({text_of(port, "address"),
                          static_cast<std::uint16_t>(integer_of(port, "port"))});
  }
  return cuts;
}

Packets packets_of(const Value& request) {
  std::string means = text_of(request, "packets");
  if (means == "netem") return Packets::netem;
  return means == "queue" ? Packets::queue : Packets::automatic;
}

ClockCourse course_of(const Value& request) {
  return {.rate_ppm = integer_of(request, "rate_ppm"),
          .gain_most = Duration{integer_of(request, "gain_most_ns")},
          .strobe = Duration{integer_of(request, "strobe_ns")},
          .strobe_period = Duration{integer_of(request, "strobe_period_ns")}};
}

}  // namespace

// The first controller gets its time, however short the patience is later.
Agent::Agent(HostPlace host)
    : host_(std::move(host)), host_links_(std::make_unique<HostLinks>(host_->journal)),
      host_clock_(std::make_unique<ClockBender>(*host_->clock, host_->journal)),
      last_lease_end_(Clock::now() + first_lease) {}

void Agent::open_door() {
  Descriptor visitor(::accept4(host_->door.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!visitor) return;
  // A connection whose far end is stuck must not hold up leases.
  timeval limit{.tv_sec = 1, .tv_usec = 0};
  ::setsockopt(visitor.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  visitor_ = ControlSocket(std::move(visitor));
}

/// A connection begins with a greeting. Whoever may greet takes the place of the one before, which
/// is most likely himself before his connection broke.
void Agent::hear_visitor() {
  bool there = visitor_.receive();
  std::optional<std::string> text = there ? visitor_.next() : std::nullopt;
  if (there && !text) return;
  ControlSocket visitor = std::exchange(visitor_, ControlSocket(Descriptor()));
  if (!there) return;
  Result<Value> request = parse_json(*text);
  bool hello = request && text_of(*request, "do") == "hello";
  Result<Answer> answer = Error{Error::Code::malformed, "a connection begins with a hello"};
  if (hello) answer = greet(*request);
  Map reply;
  if (answer) {
    reply = std::move(answer->fields);
    reply["ok"] = true;
  } else {
    reply["error"] = answer.error().context;
  }
  const Value* id = request ? request->find("id") : nullptr;
  if (id != nullptr) reply["id"] = *id;
  if (visitor.send(reply) && answer) control_ = std::move(visitor);
}

bool Agent::is_forgotten() {
  return host_ && !lease_end_ && Clock::now() > last_lease_end_ + host_->patience;
}

void Agent::end_node() {
  undo_faults();
  signal_node(SIGKILL);
  leave_group();
  disk_.reset();  // nobody is left who has a file open there
  reap();
  if (host_) (void)host_->journal.undone(UndoJournal::node);
}

Result<Agent::Answer> Agent::carry_out_on_host(const std::string& act, const Value& request) {
  if (act == "settle") return settle(request);
  if (act == "folder") return empty_folder(request);
  if (act == "cut" || act == "bend") return bend_links(act, request);
  if (act == "tolls") return tell_tolls();
  if (act == "disk") return ask_disk(request);
  if (act == "clock-step" || act == "clock-bend" || act == "clock-reset") {
    return bend_clock(act, request);
  }
  Answer answer;
  if (act == "clock") {
    answer.fields["monotonic"] = read_clock_ns(CLOCK_MONOTONIC);
    answer.fields["raw"] = read_clock_ns(CLOCK_MONOTONIC_RAW);
    return answer;
  }
  if (act == "quit") {
    end_node();
    quits_ = true;
    return answer;
  }
  return Error{Error::Code::malformed, "the agent does not know how to '" + act + "'"};
}

Result<Agent::Answer> Agent::greet(const Value& request) {
  std::string token = text_of(request, "controller");
  if (token.empty()) return Error{Error::Code::malformed, "a controller has a name"};
  bool same = token == host_->controller;
  if (!same && lease_end_) {
    return Error{Error::Code::refused, "another run uses this host: " + host_->controller};
  }
  if (!same) {
    end_node();
    host_->replies.clear();
    host_->controller = token;
    leases_run_out_ = 0;
    probes_.reset();
    port_probes_.reset();
    lines_.reset();
    trains_.reset();
  }
  if (!lease_end_) lease_end_ = Clock::now() + first_lease;
  Answer answer;
  answer.fields["continued"] = same;
  answer.fields["leases_run_out"] = leases_run_out_;
  answer.fields["boot"] = boot_id();
  return answer;
}

/// The node's place among the others.
Result<Agent::Answer> Agent::settle(const Value& request) {
  auto self = static_cast<std::uint8_t>(integer_of(request, "node"));
  std::vector<std::string> addresses = texts_of(request, "addresses");
  Status opened = open_probes(self, addresses);
  if (!opened) return opened.error();
  host_links_->settle({self, addresses, ports_of(request, "spared"),
                       ports_of(request, "ports"),
                       static_cast<std::uint64_t>(integer_of(request, "seed")),
                       ports_of(request, "client_ports"), packets_of(request)});
  Answer answer;
  Status possible = cuts_are_possible();
  if (!possible) answer.fields["no_cuts"] = possible.error().context;
  possible = filters_are_possible();
  if (!possible) answer.fields["no_filters"] = possible.error().context;
  tell_means(packets_of(request), answer);
  controller_boot_ = text_of(request, "boot");
  possible = host_->clock->may_be_bent(controller_boot_);
  if (!possible) answer.fields["no_clocks"] = possible.error().context;
  if (is_set(request, "groups")) {
    possible = make_group();
    if (!possible) answer.fields["no_groups"] = possible.error().context;
  } else {
    leave_group();
  }
  if (is_set(request, "disks")) {
    possible = disks_are_possible();
    if (possible) possible = leave_mounts();
    if (!possible) answer.fields["no_disks"] = possible.error().context;
  }
  resolver_.reset();
  if (is_set(request, "names")) {
    possible = answer_for_names(std::move(addresses));
    if (!possible) answer.fields["no_names"] = possible.error().context;
  }
  if (!resolver_) leave_names();
  return answer;
}

/// Of netem and the queue either will do for bending links, unless one of them is asked for.
void Agent::tell_means(Packets asked, Answer& answer) const {
  const HostLinks::Means& means = host_links_->means();
  answer.fields["packets"] = means.netem ? "netem" : "queue";
  if (!means.netem) answer.fields["no_netem"] = means.netem.error().context;
  if (means.netem || means.queue) return;
  const Status& missed = asked == Packets::netem ? means.netem : means.queue;
  answer.fields["no_bends"] = missed.error().context;
}

/// A fresh folder for the node, of the user that it runs as.
Result<Agent::Answer> Agent::empty_folder(const Value& request) {
  namespace fs = std::filesystem;
  fs::path folder = host_->folder.node();
  std::error_code failed;
  disk_.reset();
  fs::remove_all(folder, failed);
  fs::create_directories(folder / "data", failed);
  if (failed) {
    return Error{Error::Code::environment,
                 "cannot make " + folder.string() + ": " + failed.message()};
  }
  auto user = static_cast<uid_t>(integer_of(request, "user"));
  for (const fs::path& path : {folder, folder / "data"}) {
    if (::chown(path.c_str(), user, user) != 0) {
      return system_error("give " + path.string() + " to the user that nodes run as");
    }
  }
  // A power cut of the machine may take what the node does not sync, but not its place.
  for (const fs::path& path : {folder / "data", folder, host_->folder.path}) {
    Descriptor opened(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened || ::fsync(opened.get()) != 0) return system_error("sync " + path.string());
  }
  if (const Value* wanted = request.find("disk"); wanted != nullptr) {
    if (Status mounted = mount_disk(*wanted); !mounted) return mounted.error();
  }
  Answer answer;
  answer.fields["folder"] = folder.string();
  return answer;
}

Result<Agent::Answer> Agent::bend_links(const std::string& act, const Value& request) {
  Cuts cuts = cuts_of(request);
  List rules = list_of(request, "rules");
  bool strikes = act == "cut" ? cuts.any() : !rules.empty();
  if (strikes && !lease_end_) return no_lease_error();
  Status done = act == "cut" ? host_links_->cut(cuts) : host_links_->bend(rules);
  if (!done) return done.error();
  return Answer{};
}

Result<Agent::Answer> Agent::tell_tolls() {
  Result<CutCounts> counts = host_links_->counts();
  if (!counts) return counts.error();
  Answer answer;
  answer.fields["requests"] = counts->requests;
  answer.fields["replies"] = counts->replies;
  answer.fields["resets"] = counts->resets;
  return answer;
}

Result<Agent::Answer> Agent::bend_clock(const std::string& act, const Value& request) {
  Status done = Done{};
  if (act == "clock-reset") {
    done = host_clock_->reset();
  } else {
    if (!lease_end_) return no_lease_error();
    done = host_->clock->may_be_bent(controller_boot_);
    if (done && act == "clock-step") {
      done = host_clock_->step(Duration{integer_of(request, "nanoseconds")});
    } else if (done) {
      done = host_clock_->bend(course_of(request));
    }
  }
  if (!done) return done.error();
  return state();
}

}  // namespace sunder
