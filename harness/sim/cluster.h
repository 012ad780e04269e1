#pragma once
// The simulated cluster as faults see it.

#include <map>
#include <memory>
#include <vector>

#include "harness/api/cluster.h"
#include "harness/sim/host.h"

namespace sunder {

/// Acts take hold at once and are answered after the short while a control connection needs.
class SimCluster final : public Cluster {
 public:
  using Hosts = std::vector<std::unique_ptr<SimHost>>;
  /// All references must outlive it.
  SimCluster(Kernel& kernel, SimNetwork& network, Hosts& hosts, const Test& test);

  std::span<const NodeId> nodes() const override { return nodes_; }
  std::set<Ability> abilities() const override;
  void impose(std::string rule, std::vector<Link> links, LinkModel model, Act done) override;
  void lift(std::string rule, Act done) override;
  std::vector<LinkRule> link_rules() const override { return network_.rules(); }
  void probe_links(std::function<void(LinkProbe)> done) override;
  void probe_clients(std::function<void(std::map<NodeId, LineState>)> done) override;
  void read_tolls(std::function<void(Result<LinkTolls>)> done) override;
  void sample_links(LinkSampling sampling,
                    std::function<void(Result<LinkSamples>)> done) override;
  void kill(NodeId node, Act done) override;
  void terminate(NodeId node, Act done) override;
  void start(NodeId node, Act done) override;
  void pause(NodeId node, Act done) override;
  void resume(NodeId node, Act done) override;
  void freeze(NodeId node, Act done) override { pause(node, std::move(done)); }
  void step_clock(NodeId node, Duration step, Act done) override;
  void reset_clock(NodeId node, Act done) override;
  void bend_clock(NodeId node, const ClockCourse& course, Act done) override;
  void wipe(NodeId node, std::function<void(Result<Erased>)> done) override;
  void change_disk(NodeId node, Map act, DiskAnswer done) override;
  void choose_version(NodeId node, Version version, Act done) override;
  void instruct(NodeId node, std::string verb, Value value, Act done) override;
  void look(NodeId node, std::function<void(NodeReport)> done) override;
  void survey(std::function<void(std::vector<NodeReport>)> done) override;
  void after(Duration delay, std::function<void()> act) override;

  // Events that the world hands over.
  void call(const PendingEvent& event);
  void probe_arrived(const PendingEvent& event);
  void add_draws(Digest& digest) const;

 private:
  // One probe_links() under way.
  struct Probing {
    std::uint64_t tag = 0;
    std::vector<bool> delivered;  // by link
    std::size_t missing = 0;
    int tries = 0;
    std::function<void(LinkProbe)> done;
  };

  // One sample_links() under way.
  struct Sampling {
    LinkSampling asked;
    LinkSamples found;
    int rows = 0;  // of probes, one over each link, that were sent
    std::function<void(Result<LinkSamples>)> done;
  };

  SimHost& host(NodeId node);
  void answer(Act done, Status status = Done{});
  void try_probes(std::uint64_t tag);
  void finish_probes(std::uint64_t tag);
  Probing* probing(std::uint64_t tag);  // null when it is over
  void send_row(std::uint64_t tag);
  void sample_arrived(Sampling& sampling, const SimNetwork::Probe& probe);

  Kernel& kernel_;
  SimNetwork& network_;
  Hosts& hosts_;
  const bool has_other_version_;
  std::vector<NodeId> nodes_;
  Rng rng_;
  Slab<std::function<void()>> calls_;
  std::vector<Probing> probings_;
  std::map<std::uint64_t, Sampling> samplings_;  // by tag
  std::uint64_t probe_tag_ = 0;
};

}  // namespace sunder
