#pragma once
// A third-party store's nodes as plain processes on loopback, by the same recipe that a world uses.

#include <sys/types.h>

#include <string>
#include <vector>

#include "harness/api/system.h"

namespace sunder::testing {

/// Whether the store's binary is in PATH.
bool installed(const Service& service);

/// Starts all nodes at once, each on a loopback address of its own (all of 127.0.0.0/8 is local),
/// so that fixed ports do not collide. Ends them, and removes their data, when it goes.
class LocalService {
 public:
  LocalService(const System& system, int nodes, const std::map<std::string, std::string>& set);
  ~LocalService();
  LocalService(const LocalService&) = delete;
  LocalService& operator=(const LocalService&) = delete;

  /// Waits until all nodes say that they are ready; false when they are not in time.
  bool await_ready(Duration time_limit) const;
  Result<NodeStatus> status(int node, Duration time_limit) const;
  std::unique_ptr<BlockingClient> connect(int node) const;
  void signal(int node, int number);
  void kill(int node);   // SIGKILL, and waits for the end
  void start(int node);  // REQUIRES: not running
  const std::string& address(int node) const { return places_[index(node)].address_of(id(node)); }
  std::string log(int node) const;

 private:
  static NodeId id(int node) { return NodeId::node(node); }
  static std::size_t index(int node) { return static_cast<std::size_t>(node); }

  Service service_;
  std::string folder_;
  std::vector<ServicePlace> places_;
  std::vector<pid_t> processes_;  // 0 is not running
};

}  // namespace sunder::testing
