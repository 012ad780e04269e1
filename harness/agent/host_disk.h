#pragma once
// The disk of a host's node: a sunder-crashfs that the agent mounts over the node's data and asks
// for all that disks can suffer.

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "harness/core/result.h"
#include "harness/core/time.h"
#include "harness/core/value.h"
#include "harness/faultkit/descriptor.h"

namespace sunder {

/// Whether there can be one here. Errors name what is missing, with the cure.
Status disks_are_possible();

/// It ends with its control socket, so with the agent at the latest. Not thread-safe.
class HostDisk {
 public:
  struct Place {
    std::filesystem::path program;
    std::filesystem::path folder;  // to mount at; the disk's root gets its owner
    std::filesystem::path log;     // of what is lost
    std::uint64_t seed = 0;
  };
  /// Mounts an empty disk, where the calling process sees it.
  static Result<std::unique_ptr<HostDisk>> mount(const Place& place);
  ~HostDisk();  // unmounts
  HostDisk(const HostDisk&) = delete;
  HostDisk& operator=(const HostDisk&) = delete;

  /// Asks and waits: a request of crashfs (harness/crashfs/control.h), and its answer.
  Result<Map> ask(const Value& request);
  /// Lifts every rule that was asked for, and mends what can be. Whether there was something.
  bool straighten();
  /// Its processes, which are no part of the node.
  std::vector<pid_t> processes() const;

 private:
  HostDisk() = default;
  Status await_ready(int output, int errors);
  Result<Map> hear();
  void note(const Value& request);

  pid_t pid_ = 0;
  Descriptor process_;
  Descriptor socket_;
  std::string heard_;             // the begin of a line
  std::set<std::string> rules_;   // in force
  std::set<std::string> damages_; // "rot", "cut-short": done and not mended
};

}  // namespace sunder
