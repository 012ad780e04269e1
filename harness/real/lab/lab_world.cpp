#include "harness/real/lab/lab_world.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "harness/api/fault_driver.h"
#include "harness/core/log.h"
#include "harness/real/client_hub.h"
#include "harness/real/lab/completions.h"
#include "harness/real/lab/lab_cluster.h"
#include "harness/real/lab/provision.h"
#include "harness/real/lab/seats.h"
#include "harness/real/lab/switch_links.h"
#include "harness/real/lab/traces.h"

namespace sunder {

namespace asio = boost::asio;

struct LabWorld::Parts {
  Parts(const Test& the_test, LabOptions the_options, Journal& the_journal)
      : test(the_test), options(std::move(the_options)), journal(the_journal),
        epoch(host_nanoseconds()), guard(asio::make_work_guard(io)) {}

  Instant now() const { return instant_at(host_nanoseconds() - epoch); }
  Status build();
  void end();

  const Test& test;
  LabOptions options;
  Journal& journal;
  std::int64_t epoch;  // host_nanoseconds() of the run's zero
  LabSite site;
  Completions completions;
  LagLog await_lags{"run loop"};
  std::unique_ptr<Switch> network;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  std::unique_ptr<ClientHub> hub;  // of a reference system
  std::unique_ptr<SwitchLinks> links;
  std::unique_ptr<LabCluster> cluster;
  std::unique_ptr<FaultDriver> faults;
  std::unique_ptr<Seats> seats;
  std::thread loop;
};

Result<std::unique_ptr<LabWorld>> LabWorld::create(const Test& test, const LabOptions& options,
                                                   Journal& journal) {
  auto parts = std::make_unique<Parts>(test, options, journal);
  if (Status built = parts->build(); !built) {
    parts->end();
    return built.error();
  }
  return std::unique_ptr<LabWorld>(new LabWorld(std::move(parts)));
}

LabWorld::LabWorld(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

LabWorld::~LabWorld() { parts_->end(); }

Status LabWorld::Parts::build() {
  Result<LabSite> provisioned = provision(test, options, journal);
  if (!provisioned) return provisioned.error();
  site = *std::move(provisioned);
  epoch = host_nanoseconds();
  LinkTable table(static_cast<std::size_t>(test.nodes), test.link, test.seed);
  network = std::make_unique<Switch>(std::move(site.ports), std::move(site.controller),
                                     std::move(table), [this] { return now(); },
                                     options.switch_stall);
  if (!test.system.service) {
    ClientHub::Setup setup;
    for (int i = 0; i < test.nodes; ++i) {
      setup.nodes.emplace_back(NodeId::node(i), site.addresses[static_cast<std::size_t>(i)]);
    }
    setup.port = node_tcp_port;
    setup.messages = test.system.messages;
    setup.seed = test.seed;
    setup.now = [this] { return now(); };
    setup.allowed = [this](NodeId source, NodeId target) {
      return !test.cut_clients || !network->blocked(static_cast<std::size_t>(source.index),
                                                    static_cast<std::size_t>(target.index));
    };
    hub = std::make_unique<ClientHub>(io, std::move(setup));
    seats = make_reference_seats(test, io, *hub, completions);
  } else {
    seats = make_blocking_seats(test, io, place_of(test, site, NodeId::node(0)), completions);
  }
  Result<TraceFile> lifecycle = TraceFile::open(options.run_folder / "nodes" / "lifecycle.jsonl");
  if (!lifecycle) return lifecycle.error();
  links = std::make_unique<SwitchLinks>(io, *network);
  std::vector<AgentAsker*> agents;
  for (const auto& agent : site.agents) agents.push_back(agent.get());
  std::vector<DiskAsker*> disks;
  for (const auto& disk : site.disks) disks.push_back(disk.get());
  std::set<Ability> abilities{Ability::links, Ability::processes, Ability::link_quality,
                              Ability::data, Ability::client_links, Ability::transport};
  if (!disks.empty()) abilities.insert({Ability::power, Ability::stored, Ability::disks});
  if (site.clocks) abilities.insert({Ability::clocks, Ability::clock_courses});
  if (site.names) abilities.insert(Ability::names);
  if (site.groups) abilities.insert({Ability::freezer, Ability::resources});
  LabCluster::Parts with{io, *links, std::move(agents), std::move(disks), std::move(abilities),
                         site.starts, hub.get(),
                         test.system.service ? &*test.system.service : nullptr,
                         site.addresses, *std::move(lifecycle)};
  with.client_port = ports_of(test.system, node_tcp_port).front();
  with.other_starts = site.other_starts;
  cluster = std::make_unique<LabCluster>(test, std::move(with));
  faults = std::make_unique<FaultDriver>(test, *cluster, &journal,
                                         [this](Op op) { completions.put(std::move(op)); });
  for (std::size_t i = 0; i < site.agents.size(); ++i) {
    site.agents[i]->attach(io, [i] {
      log::error("the agent of n" + std::to_string(i + 1) + " has ended; its node is gone");
    });
  }
  for (const auto& disk : site.disks) disk->attach(io);
  cluster->keep_leases();
  if (hub) hub->connect();
  loop = std::thread([this] { io.run(); });
  return Done{};
}

void LabWorld::Parts::end() {
  guard.reset();
  io.stop();
  if (loop.joinable()) loop.join();
  site.agents.clear();  // the nodes end here; blocking calls to them soon do, too
  site.disks.clear();   // nobody is left who has a file open there
  for (std::uint64_t entry : site.journal) journal.undone(entry);
  site.journal.clear();
  seats.reset();
  faults.reset();
  cluster.reset();
  hub.reset();
  network.reset();
  clear_ports(test.nodes);
}

Instant LabWorld::now() const { return parts_->now(); }

void LabWorld::dispatch(const Op& invocation) {
  Parts* parts = parts_.get();
  asio::post(parts->io, [parts, invocation] {
    if (invocation.process.is_client()) {
      parts->seats->dispatch(invocation);
    } else {
      parts->faults->dispatch(invocation);
    }
  });
}

std::optional<Op> LabWorld::await(Instant deadline) {
  return await_completion(parts_->completions, deadline, parts_->epoch, parts_->await_lags);
}

void LabWorld::stop() { parts_->completions.interrupt(); }

WorldRecord LabWorld::record() const {
  WorldRecord record;
  std::vector<TraceSource> sources = {
      {parts_->options.run_folder / "nodes" / "lifecycle.jsonl", parts_->epoch}};
  for (int i = 0; i < parts_->test.nodes; ++i) {
    sources.push_back(
        {node_folder(parts_->options, NodeId::node(i)) / "trace.jsonl", parts_->epoch});
  }
  Result<MergedTraces> traces = merge_traces(sources, parts_->options.run_folder / "trace.jsonl",
                                             parts_->test.system);
  note_traces(std::move(traces), record);
  record.lags = parts_->network->lags();
  const auto& own = parts_->await_lags.lags();
  record.lags.insert(record.lags.end(), own.begin(), own.end());
  record.messages = parts_->network->delivered();
  return record;
}

std::string LabWorld::ports() const { return parts_->site.veth ? "veth pairs" : "TAP devices"; }

}  // namespace sunder
