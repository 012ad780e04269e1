#pragma once
// An agent as it is on a host of its own, for tests: started, greeted and asked over its socket.

#include <sys/types.h>

#include <string>

#include "harness/core/result.h"
#include "harness/core/value.h"
#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/frame.h"
#include "tests/real/support/lab_place.h"

namespace sunder {

class HostAgent {
 public:
  HostAgent() = default;
  ~HostAgent();  // ends the agent, if it lives

  /// Starts one that ends itself so long after its last lease, and greets it. "": it serves.
  std::string start(int patience_seconds);
  /// Its answer; with an "error" when it has none, or refuses.
  Value ask(Map request);
  /// Settles a node, with more to ask for than its place, makes its folder and starts `sleep`.
  std::string run_a_node(Map settle, Map make_folder = {});
  void lease(std::int64_t milliseconds);

  pid_t node() const { return node_; }
  pid_t pid() const;       // of the agent, the node's parent
  pid_t watchdog() const;  // and of its own
  /// Whether nobody serves in this folder, and nobody is at it.
  bool gone() const;
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  Descriptor socket_;
  FrameReader reader_;
  std::int64_t last_id_ = 0;
  pid_t node_ = 0;
};

}  // namespace sunder
