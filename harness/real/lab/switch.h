#pragma once
// The lab's network: a user-space switch with a port for each node and one for the controller.

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <queue>
#include <string>
#include <thread>
#include <vector>

#include "harness/api/cluster.h"
#include "harness/api/world.h"
#include "harness/faultkit/descriptor.h"
#include "harness/real/lab/lag_log.h"
#include "harness/core/link_table.h"

namespace sunder {

inline constexpr std::uint8_t controller_port = 254;  // node n<i> has port i

/// Holds the switch back on purpose: a test of how the harness notices its own starvation.
struct SwitchStall {
  Duration every{0};
  Duration length{0};
};

/// Frames between nodes go through the link table; frames to and from the controller, which are
/// clients', pass at once unless a rule blocks, refuses or resets them.
/// A thread of its own from construction to destruction. Public calls are thread-safe.
class Switch {
 public:
  /// `nodes` are the node ports in order. `now` gives the run's time and must be thread-safe.
  Switch(std::vector<Descriptor> nodes, Descriptor controller, LinkTable table,
         std::function<Instant()> now, std::optional<SwitchStall> stall = {});
  ~Switch();
  Switch(const Switch&) = delete;
  Switch& operator=(const Switch&) = delete;

  void impose(const std::string& rule, const std::vector<Link>& links, const LinkModel& model);
  void lift(const std::string& rule);
  std::vector<LinkRule> rules() const;
  bool blocked(std::size_t source, std::size_t target) const;

  std::vector<HarnessLag> lags() const;
  std::uint64_t delivered() const { return delivered_; }  // frames between nodes
  LinkTolls tolls() const;                                // an entry for every node

 private:
  struct Frame {
    std::size_t source;
    std::size_t target;
    std::string bytes;
  };
  struct Due {
    Instant instant;
    std::uint64_t order;
    Frame frame;
    bool operator<(const Due& other) const {  // for a queue with the earliest on top
      return std::pair(instant, order) > std::pair(other.instant, other.order);
    }
  };
  void work();
  void wait_until(Instant instant);
  void read_port(std::size_t port);
  void route(std::size_t source, std::string_view bytes);
  /// Whether a rule takes the frame off the link for what it is. Ends its connection where the rule
  /// says so.
  bool takes(std::size_t source, std::size_t target, std::string_view frame);
  Link link_of(std::size_t source, std::size_t target) const;
  void carry(Frame frame);
  void release_held();
  void release_due();
  void write(std::size_t port, std::string_view bytes);

  std::vector<Descriptor> ports_;  // the controller's is the last
  LinkTable table_;
  std::function<Instant()> now_;
  std::optional<SwitchStall> stall_;
  mutable std::mutex mutex_;
  std::priority_queue<Due> queue_;
  std::deque<Frame> held_;
  std::uint64_t order_ = 0;
  LagLog lags_;
  std::vector<LinkToll> tolls_;  // by node
  std::atomic<std::uint64_t> delivered_ = 0;
  std::atomic<bool> stopping_ = false;
  Descriptor poll_;
  Descriptor timer_;
  std::thread thread_;  // last: it uses the rest
};

}  // namespace sunder
