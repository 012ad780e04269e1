#pragma once
// Watches what nodes say of themselves: checks the protocol's invariants after every trace event.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/api/system.h"
#include "harness/sim/kernel.h"
#include "harness/sim/world.h"

namespace sunder {

class SimObserver {
 public:
  /// `invariants` may be null.
  SimObserver(Kernel& kernel, std::unique_ptr<Invariants> invariants, const SimOptions& options);

  void trace(NodeId node, const Event& event);
  /// Of the machine, not of the protocol: invariants do not see it.
  void lifecycle(NodeId node, std::string_view kind);
  void probe(std::string_view name);

  const std::vector<BrokenInvariant>& broken() const { return broken_.all(); }
  std::map<std::string, std::uint64_t> probes() const;

 private:
  struct Counter {
    std::string_view literal;  // as last seen; compared by address first
    std::string name;
    std::uint64_t count = 0;
  };

  Kernel& kernel_;
  std::unique_ptr<Invariants> invariants_;
  const SimOptions& options_;
  LiteralHashes kinds_;
  BrokenInvariants broken_;
  std::vector<Counter> counters_;
};

}  // namespace sunder
