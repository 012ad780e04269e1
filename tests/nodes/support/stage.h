#pragma once
// A stage for Raft scenarios: nodes whose clocks, disks and messages move only when told, and a
// protocol of everything that they do. Commands are documented in testdata/scenarios/raft/README.

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "harness/api/system.h"
#include "tests/nodes/support/memory_storage.h"

namespace sunder::testing_support {

class Stage;

/// One node and its world. Effects after a barrier wait in line while the disk is held.
class StageHost : public Runtime {
 public:
  StageHost(Stage& stage, NodeId self, std::vector<NodeId> peers);
  NodeId self() const override { return self_; }
  std::span<const NodeId> peers() const override { return peers_; }
  Instant now() const override { return now_; }
  WallTime wall_now() const override { return wall_; }
  void send(NodeId target, Message message) override;
  Timer start_timer(Duration delay) override;
  void cancel_timer(Timer timer) override { timers_.erase(timer.id); }
  Storage& storage() override { return storage_; }
  Rng& rng() override { return rng_; }
  void probe(std::string_view name) override;
  void trace(Event event) override;

  void start();
  void crash();                     // only what a finished barrier covers survives
  void advance(Duration duration);  // fires the timers on the way
  void receive(const Envelope& envelope);
  void hold_disk(bool held);
  void step_wall(Duration step) { wall_ += step; }
  bool running() const { return node_ != nullptr; }
  NodeStatus status() const { return node_->status(); }

 private:
  struct Effect {
    std::optional<DiskImage> image;  // a barrier, or
    NodeId target;
    Message message;
  };
  void carry_out();

  Stage& stage_;
  NodeId self_;
  std::vector<NodeId> peers_;
  Instant now_{};
  WallTime wall_{};
  Rng rng_;
  MemoryStorage storage_;
  DiskImage durable_;
  bool held_ = false;
  std::deque<Effect> effects_;
  std::map<std::uint64_t, Instant> timers_;
  std::uint64_t last_timer_ = 0;
  std::unique_ptr<Node> node_;
};

/// Runs commands, one at a time; answers with what happened, one line each.
class Stage {
 public:
  Stage();
  ~Stage();
  std::string run(const std::string& command);
  bool broken() const { return broken_; }

 private:
  friend class StageHost;
  using Words = std::vector<std::string>;
  void say(const std::string& line) { out_ += line + "\n"; }
  void build(const Words& words);
  void elect(StageHost& host);
  void deliver_all();
  void pick(const Words& words);  // deliver, drop or duplicate messages of one link
  void partition(const Words& words);
  void request(const Words& words);
  void show();
  void pass(const Envelope& envelope);
  bool cut(NodeId source, NodeId target) const;
  StageHost& host(const std::string& name);

  System system_;
  SystemConfig config_;
  std::unique_ptr<Invariants> invariants_;
  std::vector<std::unique_ptr<StageHost>> hosts_;
  std::deque<Envelope> in_flight_;
  std::map<NodeId, int> side_;  // of a partition
  std::int64_t msg_id_ = 0;
  bool show_messages_ = false;
  bool broken_ = false;
  std::string out_;
};

}  // namespace sunder::testing_support
