#pragma once
// The lab: real processes on this machine, each node in namespaces of its own, behind our switch.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "harness/api/journal.h"
#include "harness/api/test.h"
#include "harness/api/world.h"
#include "harness/faultkit/namespaces.h"
#include "harness/real/lab/switch.h"

namespace sunder {

struct LabOptions {
  enum class Ports : std::uint8_t { automatic, tap, veth };

  LabSpace space;                      // from enter_lab_namespaces(), the first thing in main
  std::filesystem::path run_folder;    // absolute; gets nodes/<name>/ and trace.jsonl
  std::filesystem::path agent_binary;  // sunder-agent
  std::filesystem::path node_binary;   // sunder-node; unused for stores
  std::filesystem::path disk_binary;   // sunder-crashfs; for tests whose nemeses strike disks
  std::filesystem::path clock_library{};  // libsunder-clock.so; for tests that bend clocks
  Ports ports = Ports::automatic;      // TAP devices where they may be opened, else veth pairs
  std::optional<SwitchStall> switch_stall;  // for tests of starvation
};

/// Its agents die with the thread that calls create(), so that has to outlive the world.
class LabWorld final : public World {
 public:
  /// Provisions and starts all nodes; await-ready tells when they can be used. `test` and `journal`
  /// must outlive the world. Errors: what the machine lacks, with the cure.
  static Result<std::unique_ptr<LabWorld>> create(const Test& test, const LabOptions& options,
                                                  Journal& journal);
  ~LabWorld() override;  // ends everything, and returns when all of it is gone

  Instant now() const override;
  void dispatch(const Op& invocation) override;
  std::optional<Op> await(Instant deadline) override;

  /// Makes await() return early, once. From any thread, not from a signal handler.
  void stop();
  /// What is known so far. Merges the nodes' traces into <run_folder>/trace.jsonl on the way: call
  /// it when the run is over. The nodes may still run.
  WorldRecord record() const;
  /// How the nodes' ports are made: for messages. "TAP devices" or "veth pairs".
  std::string ports() const;

 private:
  struct Parts;
  explicit LabWorld(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sunder
