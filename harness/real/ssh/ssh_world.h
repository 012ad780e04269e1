#pragma once
// Hosts over SSH: real machines, each with an agent of ours that outlives connections.

#include <filesystem>
#include <memory>
#include <optional>

#include "harness/api/journal.h"
#include "harness/api/test.h"
#include "harness/api/world.h"
#include "harness/real/ssh/ssh_host.h"

namespace sunder {

struct SshOptions {
  std::vector<SshHost> hosts;          // the first `test.nodes` of them are n1, n2 ...
  std::filesystem::path run_folder;    // gets nodes/<name>/ and trace.jsonl
  std::filesystem::path agent_binary;  // static, for the hosts' processor
  std::filesystem::path node_binary;   // sunder-node, or the program of a store
  std::filesystem::path disk_binary{}; // sunder-crashfs; for tests whose nemeses strike disks
  std::string machines{};              // of libvirt: how their names begin; empty: hosts are none
  std::string packets = "auto";        // what bends links there: netem, queue, or what there is
  int patience_seconds = 30;           // of agents with no controller, before they end themselves
  bool pretended_clocks = false;       // for tests: agents bend a file, not their host's clock
};

class SshWorld final : public World {
 public:
  /// Uploads what the hosts lack, starts agents and nodes, all hosts at once. `test` and `journal`
  /// must outlive the world. Errors name the host, the step and the cure.
  static Result<std::unique_ptr<SshWorld>> create(const Test& test, const SshOptions& options,
                                                  Journal& journal);
  ~SshWorld() override;  // ends the nodes and the agents

  Instant now() const override;
  void dispatch(const Op& invocation) override;
  std::optional<Op> await(Instant deadline) override;

  /// What bends packets on which hosts, and why not netem where it does not: "netem on n1, n2".
  std::string packets() const;
  /// Makes await() return early, once. From any thread.
  void stop();
  /// What is known so far. Fetches the nodes' logs and traces into the run's folder on the way:
  /// call it when the run is over.
  WorldRecord record() const;
  /// Breaks every connection to the agents, as a network may: for tests.
  void drop_connections();

 private:
  struct Parts;
  explicit SshWorld(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sunder
