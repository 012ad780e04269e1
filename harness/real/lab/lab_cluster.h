#pragma once
// The Cluster of real processes: links through the world's own control, the rest through agents.

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "harness/api/cluster.h"
#include "harness/api/test.h"
#include "harness/real/agent_asker.h"
#include "harness/real/client_hub.h"
#include "harness/real/disk_asker.h"
#include "harness/real/link_control.h"
#include "harness/real/power_control.h"
#include "harness/real/trace_file.h"

namespace sunder {

/// Lives on the thread of its io_context, except for the constructor and the destructor, which are
/// to be called while that does not run.
class LabCluster final : public Cluster {
 public:
  struct Parts {
    boost::asio::io_context& io;
    LinkControl& network;
    std::vector<AgentAsker*> agents;     // by node
    std::vector<DiskAsker*> disks;       // by node, or none
    std::set<Ability> abilities;
    std::vector<Map> starts;             // the agent request that starts each node
    ClientHub* hub = nullptr;            // of a reference system
    const Service* service = nullptr;    // of a store
    std::vector<std::string> addresses;  // by node
    TraceFile lifecycle;                 // killed, terminated, started, paused, resumed
    /// How far a node's machine's raw clock is ahead; none where all share one machine.
    std::function<Duration(NodeId)> clock_ahead{};
    /// Told by how much a node's agent, where it bends links, sent packets late since the last
    /// renewal of its lease.
    std::function<void(std::size_t node, Duration since, Duration late)> links_late{};
    std::uint16_t client_port = 0;  // of every node
    PowerControl* power = nullptr;  // of whole machines
    std::vector<Map> other_starts{};     // those of the test's other version, if it has one
  };
  LabCluster(const Test& test, Parts parts);
  ~LabCluster() override;

  std::span<const NodeId> nodes() const override { return nodes_; }
  std::set<Ability> abilities() const override { return parts_.abilities; }
  void impose(std::string rule, std::vector<Link> links, LinkModel model, Act done) override;
  void lift(std::string rule, Act done) override;
  std::vector<LinkRule> link_rules() const override { return parts_.network.rules(); }
  void probe_links(std::function<void(LinkProbe)> done) override;
  void probe_port(std::uint16_t port, std::function<void(LinkProbe)> done) override;
  void probe_clients(std::function<void(std::map<NodeId, LineState>)> done) override;
  void read_tolls(std::function<void(Result<LinkTolls>)> done) override;
  void dial_links(std::string owner, std::function<void(Result<Lines>)> done) override;
  void talk_over_links(std::string owner, std::function<void(Result<Lines>)> done) override;
  void sample_links(LinkSampling sampling,
                    std::function<void(Result<LinkSamples>)> done) override;
  void kill(NodeId node, Act done) override;
  void terminate(NodeId node, Act done) override;
  void start(NodeId node, Act done) override;
  void pause(NodeId node, Act done) override;
  void resume(NodeId node, Act done) override;
  void freeze(NodeId node, Act done) override;
  void limit(NodeId node, Resource resource, std::int64_t amount, Act done) override;
  void unlimit(NodeId node, Resource resource, Act done) override;
  void measure(NodeId node, Resource resource, Duration window, Measured done) override;
  void cut_power(NodeId node, std::string policy, std::uint64_t seed, PowerCut done) override;
  void bend_disk(NodeId node, Map rule, Act done) override;
  void straighten_disk(NodeId node, std::string rule, DiskRules done) override;
  void disk_rules(NodeId node, DiskRules done) override;
  void bend_names(NodeId node, NameFault fault, Duration delay, Act done) override;
  void look_up_names(NodeId node, Duration patience,
                     std::function<void(Result<NameAnswers>)> done) override;
  void change_disk(NodeId node, Map act, DiskAnswer done) override;
  void step_clock(NodeId node, Duration step, Act done) override;
  void reset_clock(NodeId node, Act done) override;
  void bend_clock(NodeId node, const ClockCourse& course, Act done) override;
  void wipe(NodeId node, std::function<void(Result<Erased>)> done) override;
  void choose_version(NodeId node, Version version, Act done) override;
  void instruct(NodeId node, std::string verb, Value value, Act done) override;
  void look(NodeId node, std::function<void(NodeReport)> done) override;
  void survey(std::function<void(std::vector<NodeReport>)> done) override;
  void after(Duration delay, std::function<void()> act) override;

  /// Renews the agents' leases; from then on does so by itself.
  void keep_leases();

 private:
  void ask_disk(NodeId node, Map request, DiskRules done);

  struct Probing;
  struct Sampling;
  struct Trial;
  struct Dialling;
  struct Survey;
  using Looked = std::function<void(NodeReport)>;
  AgentAsker& agent(NodeId node) { return *parts_.agents[static_cast<std::size_t>(node.index)]; }
  void signal(NodeId node, std::string_view name, std::string_view event, ProcessState expected,
              Act done);
  void ask_clock(NodeId node, Map request, Act done);
  void hear_names(NodeId node, const std::function<void(Result<NameAnswers>)>& done);
  std::shared_ptr<Dialling> dialling(std::string owner,
                                     std::function<void(Result<Lines>)> done) const;
  void ask_of_lines(const std::shared_ptr<Dialling>& dialling, std::string_view act,
                    const std::function<void()>& then);
  std::shared_ptr<Probing> new_probing(std::uint16_t port, std::function<void(LinkProbe)> done);
  void try_probes(const std::shared_ptr<Probing>& probing);
  Duration ahead(NodeId node) const;
  void collect_probes(const std::shared_ptr<Probing>& probing);
  void collect_samples(const std::shared_ptr<Sampling>& sampling);
  void ask_status(NodeReport report, bool knows_clock, Looked done);
  void look_at_clock(NodeReport report, Looked done);
  bool has_versions() const { return !parts_.other_starts.empty(); }
  void read_version(const Value& reply, NodeReport& report) const;
  void believe_clock(NodeReport& report, const ClientHub::Status& told) const;
  void ask_of_resource(NodeId node, std::string_view act, Resource resource, std::int64_t amount,
                       Act done);
  void gauge(NodeId node, Resource resource, std::function<void(Result<ResourceReading>)> done);
  void note(NodeId node, std::string_view event);

  Parts parts_;
  std::vector<NodeId> nodes_;
  std::vector<Version> next_versions_;  // by node, of its next start
  std::uint64_t probe_tag_ = 0;
  Duration slowest_link_;
  std::unique_ptr<boost::asio::thread_pool> status_workers_;  // for services: their status blocks
};

}  // namespace sunder
