#pragma once
// Faults that put node processes into another state and bring them back: kill and pause.

#include "harness/api/nemesis.h"
#include "nemesis/policy/acts.h"

namespace sunder {

struct ProcessFault {
  std::string name;
  std::string summary{};
  std::string begin{};  // verbs
  std::string end{};
  ProcessState struck;  // the state of a node on which the fault is
  void (Cluster::*strike)(NodeId, Cluster::Act) = nullptr;
  void (Cluster::*restore)(NodeId, Cluster::Act) = nullptr;
  /// With it the option `by` says whether a signal or the kernel's freezer strikes.
  void (Cluster::*freeze)(NodeId, Cluster::Act) = nullptr;
  bool everyone = false;     // strikes all nodes at once, instead of asking for targets
  bool by_itself = false;    // the proof includes that no target ended by SIGKILL
  bool in_all = true;
  int attempts = evidence_attempts;  // to see that the targets were struck
};

/// Strikes nodes by role, as far as another fault has not stopped them already. Confirmed when a
/// survey shows every target in the struck state; ended when it shows no node in it. Ending
/// restores all nodes, not only those that it struck: others may have been struck since, and a
/// fault of another nemesis may lie over this one.
Nemesis process_nemesis(const ProcessFault& fault);

/// The ending of such a fault alone, for others that leave nodes in the struck state. Needs name,
/// struck and restore.
void restore_processes(const ProcessFault& fault, FaultScene& scene,
                       std::function<void(Outcome)> complete);

}  // namespace sunder
