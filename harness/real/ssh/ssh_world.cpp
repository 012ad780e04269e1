#include "harness/real/ssh/ssh_world.h"

#include <unistd.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "harness/api/fault_driver.h"
#include "harness/core/log.h"
#include "harness/faultkit/namespaces.h"
#include "harness/real/client_hub.h"
#include "harness/real/lab/completions.h"
#include "harness/real/lab/lab_cluster.h"
#include "harness/real/lab/seats.h"
#include "harness/real/lab/traces.h"
#include "harness/real/ssh/agent_disk.h"
#include "harness/real/ssh/on_all.h"
#include "harness/real/ssh/ssh_contacts.h"
#include "harness/real/ssh/ssh_links.h"
#include "harness/real/ssh/ssh_power.h"
#include "harness/real/ssh/ssh_site.h"

namespace sunder {
namespace {

namespace asio = boost::asio;

constexpr Duration meet_limit = std::chrono::seconds(12);
constexpr Duration host_limit = std::chrono::seconds(20);
constexpr Duration goodbye_limit = std::chrono::seconds(5);

std::string text_of(const Value& reply, std::string_view key) {
  const Value* found = reply.find(key);
  return found != nullptr && found->is_text() ? found->text() : "";
}

NodeId node_at(std::size_t i) { return NodeId::node(static_cast<std::int32_t>(i)); }
std::size_t index_of(NodeId node) { return static_cast<std::size_t>(node.index); }

/// Where an agent says why its host lacks an ability.
struct Absence {
  Ability ability;
  const char* key;
  bool on_demand = false;  // asked for only when a fault needs it: to find out changes the host
};
constexpr std::array<Absence, 12> absences = {{
    {Ability::links, "no_cuts"},
    {Ability::client_links, "no_cuts"},
    {Ability::transport, "no_filters"},
    {Ability::link_quality, "no_bends"},
    {Ability::clocks, "no_clocks"},
    {Ability::clock_courses, "no_clocks"},
    {Ability::resources, "no_groups", true},
    {Ability::freezer, "no_groups", true},
    {Ability::power, "no_disks", true},
    {Ability::stored, "no_disks", true},
    {Ability::disks, "no_disks", true},
    {Ability::names, "no_names", true},
}};

/// A name that no other run has.
std::string controller_name(const Test& test) {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return test.name + " of process " + std::to_string(::getpid()) + " on " + host.data() + ", " +
         std::to_string(host_nanoseconds());
}

}  // namespace

struct SshWorld::Parts {
  Parts(const Test& the_test, SshOptions the_options, Journal& the_journal)
      : test(the_test), options(std::move(the_options)), journal(the_journal),
        epoch(host_nanoseconds()), guard(asio::make_work_guard(io)),
        contacts(io, [this] { return now(); }) {}

  Instant now() const { return instant_at(host_nanoseconds() - epoch); }
  Status build();
  Status settle_agents();
  Status start_nodes();
  Status make_cluster();
  void make_hub();
  Status make_power();
  /// REQUIRES: the node has its folder.
  PowerControl::Restart start_of(NodeId node, std::size_t boot) const;
  void end();
  std::string packets_by_means() const;
  WorldRecord record();

  const Test& test;
  SshOptions options;
  Journal& journal;
  std::atomic<std::int64_t> epoch;  // host_nanoseconds() of the run's zero
  SshSite site;
  std::vector<std::uint64_t> entries;  // of the journal
  std::set<Ability> abilities;
  std::map<std::string, std::vector<std::string>> packets;  // what bends them, on which nodes
  std::vector<std::string> folders;    // by node
  std::vector<Map> starts;
  std::vector<Map> other_starts;  // as the test's other version, if it has one
  Completions completions;
  LagLog await_lags{"run loop"};
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  SshContacts contacts;
  std::unique_ptr<ClientHub> hub;  // of a reference system
  std::unique_ptr<SshLinks> links;
  std::unique_ptr<SshPower> power;  // of libvirt's machines
  std::vector<std::unique_ptr<AgentDisk>> disks;  // by node, or none
  std::unique_ptr<LabCluster> cluster;
  std::unique_ptr<FaultDriver> faults;
  std::unique_ptr<Seats> seats;
  bool met = false;  // the agents are ours
  std::thread loop;
};

Result<std::unique_ptr<SshWorld>> SshWorld::create(const Test& test, const SshOptions& options,
                                                   Journal& journal) {
  auto parts = std::make_unique<Parts>(test, options, journal);
  if (Status built = parts->build(); !built) {
    parts->end();
    return built.error();
  }
  return std::unique_ptr<SshWorld>(new SshWorld(std::move(parts)));
}

SshWorld::SshWorld(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

SshWorld::~SshWorld() { parts_->end(); }

Status SshWorld::Parts::build() {
  if (Status made = make_power(); !made) return made;
  Result<SshSite> prepared = prepare_hosts(test, options);
  if (!prepared) return prepared.error();
  site = *std::move(prepared);
  std::string name = controller_name(test);
  for (std::size_t i = 0; i < site.attach.size(); ++i) {
    Map act;
    act["host"] = to_string(options.hosts[i]);
    act["undo"] = "nothing: the agent there undoes all when its lease runs out";
    entries.push_back(journal.will(act));
    contacts.add({.host = options.hosts[i], .attach = site.attach[i], .controller = name});
  }
  links = std::make_unique<SshLinks>(contacts.askers(), site.addresses);
  loop = std::thread([this] { io.run(); });
  Status done = contacts.meet(meet_limit);
  met = static_cast<bool>(done);
  if (done) done = settle_agents();
  if (done) done = contacts.measure_clocks();
  if (done) done = start_nodes();
  if (done) done = make_cluster();
  return done;
}

Status SshWorld::Parts::settle_agents() {
  auto settled = contacts.ask_all(
      [&](std::size_t i) { return settle_request(test, options, site, node_at(i)); }, host_limit);
  if (!settled) return settled.error();
  for (std::size_t i = 0; i < settled->size(); ++i) {
    std::string means = text_of((*settled)[i], "packets");
    std::string why = options.packets == "auto" ? text_of((*settled)[i], "no_netem") : "";
    packets[means + (why.empty() ? "" : " (" + why + ")")].push_back(to_string(node_at(i)));
  }
  abilities = {Ability::processes, Ability::data};
  for (const auto& [ability, key, on_demand] : absences) {
    std::string why;
    for (std::size_t i = 0; i < settled->size() && why.empty(); ++i) {
      why = text_of((*settled)[i], key);
      if (!why.empty()) why = options.hosts[i].name + ": " + why;
    }
    bool of_clocks = ability == Ability::clocks || ability == Ability::clock_courses;
    if (why.empty() && of_clocks && !options.pretended_clocks && contacts.share_a_kernel()) {
      why = "two of the hosts share one kernel, so that to bend one clock bends both";
    }
    bool tried = !on_demand || test.needs(ability);
    if (why.empty() && tried) abilities.insert(ability);
    if (!why.empty() && test.needs(ability)) {
      return Error{Error::Code::environment, why + "; or name other faults with --nemesis"};
    }
  }
  return Done{};
}

Status SshWorld::Parts::start_nodes() {
  auto made = contacts.ask_all(
      [this](std::size_t i) { return folder_request(test, site, node_at(i)); }, host_limit);
  if (!made) return made.error();
  for (std::size_t i = 0; i < made->size(); ++i) {
    folders.push_back(text_of((*made)[i], "folder"));
    PowerControl::Restart first = start_of(node_at(i), 0);
    starts.push_back(std::move(first.usual));
    if (test.other_version) other_starts.push_back(std::move(first.other));
  }
  auto started = contacts.ask_all([&](std::size_t i) { return starts[i]; }, host_limit);
  if (!started) return started.error();
  return Done{};
}

/// On this thread while the loop runs, which knows nothing of what is made here before the end.
Status SshWorld::Parts::make_cluster() {
  std::error_code failed;
  std::filesystem::create_directories(options.run_folder / "nodes", failed);
  Result<TraceFile> lifecycle = TraceFile::open(options.run_folder / "nodes" / "lifecycle.jsonl");
  if (!lifecycle) return lifecycle.error();
  if (test.system.service) {
    seats = make_blocking_seats(test, io, place_of(test, site, node_at(0), ""), completions);
  } else {
    make_hub();
  }
  std::vector<DiskAsker*> asked;
  for (AgentAsker* agent : contacts.askers()) {
    if (!has_disks(test, options)) break;
    asked.push_back(disks.emplace_back(std::make_unique<AgentDisk>(*agent)).get());
  }
  cluster = std::make_unique<LabCluster>(
      test, LabCluster::Parts{io, *links, contacts.askers(), std::move(asked), abilities, starts,
                              hub.get(),
                              test.system.service ? &*test.system.service : nullptr,
                              site.addresses, *std::move(lifecycle),
                              [this](NodeId node) { return contacts.clock_ahead(index_of(node)); },
                              [this](std::size_t node, Duration since, Duration late) {
                                contacts.note_late_links(node, since, late);
                              },
                              ports_of(test.system, ssh_node_port).front(), power.get(),
                              other_starts});
  faults = std::make_unique<FaultDriver>(test, *cluster, &journal,
                                         [this](Op op) { completions.put(std::move(op)); });
  epoch = host_nanoseconds();
  asio::post(io, [this] {
    cluster->keep_leases();
    if (hub) hub->connect();
  });
  return Done{};
}

Status SshWorld::Parts::make_power() {
  if (options.machines.empty()) return Done{};
  SshPower::Setup setup{.io = io, .contacts = contacts};
  for (const SshHost& host : options.hosts) setup.machines.push_back(options.machines + host.name);
  setup.keeper = options.agent_binary;
  setup.settle = [this](NodeId node) { return settle_request(test, options, site, node); };
  setup.start = [this](NodeId node, std::size_t boot) {
    return start_of(node, boot);
  };
  setup.tell_links = [this](std::function<void(Status)> done) { links->renew(std::move(done)); };
  Result<std::unique_ptr<SshPower>> made = SshPower::create(std::move(setup));
  if (!made) return made.error();
  power = *std::move(made);
  return Done{};
}

PowerControl::Restart SshWorld::Parts::start_of(NodeId node, std::size_t boot) const {
  auto as = [&](Version version) {
    return start_request(test, site, node, folders[index_of(node)], boot, version);
  };
  return {as(Version::usual), test.other_version ? as(Version::other) : Map{}};
}

/// Clients of a reference system.
void SshWorld::Parts::make_hub() {
  ClientHub::Setup setup;
  for (std::size_t i = 0; i < site.addresses.size(); ++i) {
    setup.nodes.emplace_back(node_at(i), site.addresses[i]);
  }
  setup.port = ssh_node_port;
  setup.messages = test.system.messages;
  setup.seed = test.seed;
  setup.now = [this] { return now(); };
  setup.allowed = [this](NodeId source, NodeId target) {
    return !test.cut_clients || !links->blocked({source, target});
  };
  hub = std::make_unique<ClientHub>(io, std::move(setup));
  seats = make_reference_seats(test, io, *hub, completions);
}

void SshWorld::Parts::end() {
  bool quit = false;
  if (met && loop.joinable()) {
    Status told = contacts.dismiss(goodbye_limit);
    quit = static_cast<bool>(told);
    if (!quit) {
      log::warning(told.error().context + "; the agent there ends its node and itself within " +
                   std::to_string(options.patience_seconds) + " s after its lease");
    }
  }
  guard.reset();
  io.stop();
  if (loop.joinable()) loop.join();
  for (std::uint64_t entry : entries) {
    if (quit) journal.undone(entry);
  }
  entries.clear();
  seats.reset();
  faults.reset();
  cluster.reset();
  power.reset();
  hub.reset();
}

std::string SshWorld::Parts::packets_by_means() const {
  std::string text;
  for (const auto& [means, nodes] : packets) {
    text += (text.empty() ? "" : "; ") + means + " on ";
    for (std::size_t i = 0; i < nodes.size(); ++i) text += (i > 0 ? ", " : "") + nodes[i];
  }
  return text;
}

WorldRecord SshWorld::Parts::record() {
  WorldRecord record;
  record.packets = packets_by_means();
  auto nodes = static_cast<std::size_t>(test.nodes);
  Status fetched = on_all(
      nodes, [&](std::size_t i) { return fetch_files(options, node_at(i), contacts.boots(i)); });
  if (!fetched) log::error("logs of nodes are lost: " + fetched.error().context);
  std::vector<TraceSource> sources = {{options.run_folder / "nodes" / "lifecycle.jsonl", epoch}};
  for (std::size_t i = 0; i < nodes; ++i) {
    std::filesystem::path folder = options.run_folder / "nodes" / to_string(node_at(i));
    for (std::size_t boot = 0; boot < contacts.boots(i); ++boot) {
      sources.push_back({folder / trace_name(boot), contacts.clock_there(i, boot, epoch)});
    }
  }
  // Invariants are watched in order of time; an estimate of it could accuse a sound system.
  System watched = test.system;
  bool one_clock = contacts.share_our_clock();
  if (!one_clock) {
    watched.make_invariants = nullptr;
    record.invariants_out_of_reach = "the hosts have clocks of their own";
  }
  Result<MergedTraces> traces =
      merge_traces(sources, options.run_folder / "trace.jsonl", watched);
  note_traces(std::move(traces), record);
  record.lags = contacts.lags();
  const auto& own = await_lags.lags();
  record.lags.insert(record.lags.end(), own.begin(), own.end());
  return record;
}

Instant SshWorld::now() const { return parts_->now(); }

void SshWorld::dispatch(const Op& invocation) {
  Parts* parts = parts_.get();
  asio::post(parts->io, [parts, invocation] {
    if (invocation.process.is_client()) {
      parts->seats->dispatch(invocation);
    } else {
      parts->faults->dispatch(invocation);
    }
  });
}

std::optional<Op> SshWorld::await(Instant deadline) {
  return await_completion(parts_->completions, deadline, parts_->epoch, parts_->await_lags);
}

std::string SshWorld::packets() const { return parts_->packets_by_means(); }

void SshWorld::stop() { parts_->completions.interrupt(); }

WorldRecord SshWorld::record() const { return parts_->record(); }

void SshWorld::drop_connections() { parts_->contacts.drop_connections(); }

}  // namespace sunder
