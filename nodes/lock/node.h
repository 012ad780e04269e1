#pragma once
// A replica of the lock service. The log decides who holds what; when a lease is over, its leader
// says.

#include <map>
#include <set>

#include "nodes/lock/config.h"
#include "nodes/raft/node.h"

namespace sunder::lock {

class LockNode final : public raft::RaftNode {
 public:
  LockNode(Runtime& runtime, const Config& config)
      : RaftNode(runtime, config.raft), config_(config) {}
  void on_timer(Timer timer) override;

 protected:
  bool takes(NodeId client, const KvRequest& request) override;
  void on_applied(std::int64_t index, const KvCommand& command, const KvAnswer& answer) override;
  void on_established() override;

 private:
  /// When a grant is over by this leader's clock.
  struct Deadline {
    std::int64_t grants = 0;
    Instant at{};
    WallTime at_wall{};  // flaw
    bool proposed = false;
  };
  void begin_lease(const KvLeases::Held& held);
  bool is_over(const Deadline& deadline);
  void end_leases();
  void grant_at_once(NodeId client, const KvRequest& request);

  const Config config_;
  std::map<std::int64_t, Deadline> deadlines_;  // of a leader, by key
  Timer timer_;
  std::int64_t counted_ = 0;          // flaw: tokens
  std::set<std::int64_t> promised_;   // flaw: keys
};

}  // namespace sunder::lock
