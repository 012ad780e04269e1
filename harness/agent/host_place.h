#pragma once
// What an agent has beyond its requests on a host of its own: a place, a door, a memory of replies.

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/agent/undo_journal.h"
#include "harness/core/value.h"
#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/host_clock.h"

namespace sunder {

/// The files of an agent, all in a folder that only root can change.
struct HostFolder {
  std::filesystem::path path;
  bool pretends_clock = false;
  std::filesystem::path socket() const { return path / "agent.sock"; }
  std::filesystem::path journal() const { return path / "undo"; }
  std::filesystem::path lock() const { return path / "lock"; }
  std::filesystem::path log() const { return path / "agent.log"; }
  std::filesystem::path node() const { return path / "node"; }  // the node's own
  /// The host's own, or for tests a file of this folder.
  std::unique_ptr<HostClock> clock() const;
  /// NAME=VALUE in the environment of all that the agent starts, by which a later one finds it.
  std::string mark() const { return "SUNDER_HOST=" + path.string(); }
};

/// Undoes what the journal of a dead agent names: its cuts, its bends, its clock, its limits, its
/// node.
void undo_what_is_left(const HostFolder& folder);

/// Replies by the ids of their requests, so that one that is asked again after a lost connection
/// is answered again and not carried out again.
class Replies {
 public:
  /// The reply that was given to `id`, "" if the request is known and its reply forgotten; none if
  /// the request is new.
  std::optional<std::string> find(std::int64_t id) const;
  void keep(std::int64_t id, std::string reply);
  void clear();

 private:
  static constexpr std::size_t kept_max = 256;
  std::map<std::int64_t, std::string> kept_;
  std::int64_t highest_ = 0;
};

/// Why a fault is refused on a host: without a lease nobody would undo it.
Error no_lease_error();

struct HostPlace {
  HostFolder folder;
  Descriptor door;                     // the listening socket
  std::chrono::nanoseconds patience;   // with nobody's lease, before it ends the node and itself
  std::unique_ptr<HostClock> clock = folder.clock();
  UndoJournal journal{folder.journal()};
  Replies replies{};
  std::string controller{};            // the token of the one that we serve
};

}  // namespace sunder
