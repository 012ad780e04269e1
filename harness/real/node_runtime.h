#pragma once
// The Runtime of a node that is a real process. Knows no sockets and no threads: whoever owns it
// (node_host) brings messages and time, and carries its effects out.

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "harness/api/runtime.h"
#include "harness/real/file_storage.h"
#include "harness/real/trace_file.h"

namespace sunder {

class NodeRuntime final : public Runtime {
 public:
  /// Carries effects out; called after handlers, in program order.
  class Carrier {
   public:
    virtual ~Carrier() = default;
    virtual void carry(NodeId target, const Message& message) = 0;
    /// Make durable what is in the file, then call synced(changes).
    virtual void sync(std::shared_ptr<const Descriptor> file, std::uint64_t changes) = 0;
    virtual void wake_at(Instant instant) = 0;  // call fire_timers() then; the last call counts
    virtual void disk_failed(const Error& error) = 0;
  };

  /// `carrier` must outlive the runtime.
  NodeRuntime(NodeId self, std::vector<NodeId> peers, std::unique_ptr<FileStorage> storage,
              TraceFile trace, std::uint64_t seed, Carrier& carrier);

  /// Runs handlers of `node`, one at a time. REQUIRES: not called from within one.
  void boot(Node& node);
  void deliver(const Envelope& envelope);
  Status instruct(std::string_view verb, const Value& value);
  void fire_timers();
  void synced(std::uint64_t changes);

  NodeId self() const override { return self_; }
  std::span<const NodeId> peers() const override { return peers_; }
  Instant now() const override { return now_; }
  WallTime wall_now() const override { return wall_now_; }
  void send(NodeId target, Message message) override;
  Timer start_timer(Duration delay) override;
  void cancel_timer(Timer timer) override;
  Storage& storage() override { return *storage_; }
  Rng& rng() override { return rng_; }
  void probe(std::string_view name) override;
  void trace(Event event) override;

 private:
  /// A send, or a barrier that the sends behind it wait for.
  struct Effect {
    NodeId target;
    Message message;            // none: a barrier
    std::uint64_t changes = 0;  // that must be durable before the barrier opens
  };
  template <class Handler>
  void handle(Handler handler);
  void read_clocks();
  void carry_out();
  void arm();

  NodeId self_;
  std::vector<NodeId> peers_;
  std::unique_ptr<FileStorage> storage_;
  TraceFile trace_;
  Rng rng_;
  Carrier& carrier_;
  Node* node_ = nullptr;
  std::int64_t boot_;  // host_nanoseconds() of this boot
  Instant now_;
  WallTime wall_now_;
  std::deque<Effect> effects_;
  std::uint64_t durable_ = 0;  // changes that are
  bool syncing_ = false;
  std::set<std::pair<Instant, std::uint64_t>> timers_;  // by due time
  std::map<std::uint64_t, Instant> due_;                // by timer
  std::uint64_t last_timer_ = 0;
  Instant armed_ = never;
};

}  // namespace sunder
