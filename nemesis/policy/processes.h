#pragma once
// Faults that put node processes into another state and bring them back: kill and pause.

#include "harness/api/nemesis.h"

namespace sunder {

struct ProcessFault {
  std::string name;
  std::string summary;
  std::string begin;    // verbs
  std::string end;
  ProcessState struck;  // the state of a node on which the fault is
  void (Cluster::*strike)(NodeId, Cluster::Act);
  void (Cluster::*restore)(NodeId, Cluster::Act);
};

/// Strikes nodes by role, as far as another fault has not stopped them already. Confirmed when a
/// survey shows every target in the struck state; ended when it shows no node in it. Ending
/// restores all nodes, not only those that it struck: others may have been struck since, and a
/// fault of another nemesis may lie over this one.
Nemesis process_nemesis(const ProcessFault& fault);

}  // namespace sunder
