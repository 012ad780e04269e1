#pragma once
// One resource of a node that can be made scarce, and how scarce it is.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/agent/undo_journal.h"
#include "harness/core/result.h"
#include "harness/faultkit/control_group.h"

namespace sunder {

class Limit {
 public:
  struct Reading {
    std::int64_t limit = -1;    // in force; -1: none
    std::int64_t used = 0;
    std::int64_t refused = 0;
    std::string refusal{};      // of a call that was tried: "fork: Resource ..."; or none
  };
  virtual ~Limit() = default;
  virtual Status impose(std::int64_t amount) = 0;
  /// Of a limit that is not in force: nothing.
  virtual Status lift() = 0;
  /// Several times a second.
  virtual void tick() {}
  /// Begins what read() is to tell the end of.
  virtual Status begin_trial() { return Done{}; }
  virtual Reading read() = 0;
};

/// What limits work on. Lives as long as they do.
struct LimitScene {
  ControlGroup group;
  Descriptor proc;             // /proc, opened where it may be written to: in the node's tree not
  std::filesystem::path data{};  // the folder that the node writes to
  /// Of an agent whose acts may outlive it: there stands what is to be undone.
  UndoJournal* journal = nullptr;
};

/// A share of one processor, in percent; a process beside the node's uses up whatever it leaves.
/// Used: nanoseconds. Refused: periods in which the group was held back.
std::unique_ptr<Limit> cpu_limit(LimitScene& scene);
/// So many bytes more than are in use. A process beside the node's takes them, until the kernel
/// kills the node for want of memory. Used: bytes. Refused: such kills since it was imposed.
std::unique_ptr<Limit> memory_limit(LimitScene& scene);
/// So many processes and threads more than there are. Tried: a fork. Refused: forks.
std::unique_ptr<Limit> pids_limit(LimitScene& scene);
/// So many descriptors more than each process of the node has open. Refused: connections to the
/// node's ports that nobody takes.
std::unique_ptr<Limit> descriptors_limit(LimitScene& scene);
/// Bytes that may be written to disk in a second. Tried, and used: what a while of writing came to.
std::unique_ptr<Limit> disk_limit(LimitScene& scene);
/// No local port is left for connections, whatever the amount. Tried: a connection.
std::unique_ptr<Limit> ports_limit(LimitScene& scene);

}  // namespace sunder
