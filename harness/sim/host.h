#pragma once
// One simulated machine and the node process on it: its clock, disk, timers and queue of effects.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/api/cluster.h"
#include "harness/api/test.h"
#include "harness/sim/disk.h"
#include "harness/sim/network.h"
#include "harness/sim/observer.h"

namespace sunder {

/// Invariants:
/// 1. node_ is null exactly while no process runs (stopped, or started and not yet booted).
/// 2. While barrier_running_, every send and sync waits in waiting_, in program order.
/// 3. Events of a former boot never reach the present one: their sequence numbers match nothing.
class SimHost final : public Runtime {
 public:
  /// All references must outlive the host.
  SimHost(Kernel& kernel, SimNetwork& network, SimObserver& observer, const Test& test,
          std::int32_t index, CrashPolicy policy);

  // What the node sees.
  NodeId self() const override { return self_; }
  std::span<const NodeId> peers() const override { return peers_; }
  Instant now() const override;
  WallTime wall_now() const override;
  void send(NodeId target, Message message) override;
  Timer start_timer(Duration delay) override;
  void cancel_timer(Timer timer) override;
  Storage& storage() override { return disk_; }
  Rng& rng() override { return rng_; }
  void probe(std::string_view name) override { observer_.probe(name); }
  void trace(Event event) override { observer_.trace(self_, event); }

  // What the world does to the machine.
  void start(Duration delay);  // boots after it; of a started one: nothing
  void kill();
  void terminate();  // at once, of a paused one as soon as it goes on; what it wrote is kept
  void pause();   // REQUIRES: running
  void resume();  // of a running one: nothing
  void step_clock(Duration step) { wall_step_ += step; }
  void bend_clock(const ClockCourse& course);
  void reset_clock();
  Erased wipe();  // REQUIRES: stopped
  /// By an act of Cluster::change_disk. Storage has checksums, so that a node refuses to start on
  /// one that is damaged.
  Result<Value> change_disk(const Map& act);
  Status instruct(std::string_view verb, const Value& value);
  void choose_version(Version version) { next_version_ = version; }  // REQUIRES: the test has it
  ProcessState state() const { return state_; }
  NodeReport report() const;  // before the boot is done: not ready

  // Events that the world hands over.
  void booted(const PendingEvent& event);
  void receive(Envelope envelope);
  void timer_due(const PendingEvent& event);
  void barrier_done(const PendingEvent& event);
  void add_draws(Digest& digest) const;

 private:
  struct TimerSlot {
    std::uint64_t id = 0;        // 0: free
    std::uint64_t sequence = 0;  // of its event
  };
  struct Effect {
    NodeId target;
    Message message;             // none: a sync
    std::uint64_t position = 0;  // of the disk, that the sync covers
  };
  // What happened while the process was stopped by SIGSTOP, in order.
  struct Deferred {
    Timer timer;  // none: the envelope
    Envelope envelope;
  };

  Result<Value> restore(const std::string& snapshot);
  void refuse_to_start();
  void on_sync();
  void end_process(CrashPolicy policy, std::string_view event);
  Duration stood_still() const;
  Duration clock_offset() const;
  void begin_barrier(std::uint64_t position);
  void release_effects();
  void fire(Timer timer);
  std::size_t slot_of(Timer timer) const;  // or timers_.size()

  Kernel& kernel_;
  SimNetwork& network_;
  SimObserver& observer_;
  const Test& test_;
  const NodeId self_;
  const CrashPolicy policy_;
  std::vector<NodeId> peers_;
  Rng rng_;        // the node's own
  Rng disk_rng_;   // latencies
  Rng crash_rng_;  // what crashes keep
  Rng clock_rng_;  // origins of boots
  std::int64_t drift_ppm_;
  Duration wall_skew_;
  Duration wall_step_{0};
  ClockCourse course_;
  Instant course_begin_;

  SimDisk disk_;
  std::map<std::string, std::int64_t> damage_;  // of the disk: how many records, by kind
  std::map<std::string, SimDisk::Image> snapshots_;
  std::unique_ptr<Node> node_;
  ProcessState state_ = ProcessState::stopped;
  Version version_ = Version::usual;  // of node_
  Version next_version_ = Version::usual;
  std::int64_t starts_ = 0;
  std::string ended_;               // as NodeReport has it
  Duration stood_still_{0};         // in pauses that are over
  Instant pause_begin_;             // of the present pause
  bool termination_due_ = false;    // SIGTERM has met a paused process
  std::uint64_t boot_sequence_ = 0;  // of the event that ends the boot
  Instant boot_time_;
  Instant boot_origin_;  // what now() said then

  std::vector<TimerSlot> timers_;
  std::vector<std::uint32_t> free_timers_;
  std::uint64_t timer_serial_ = 0;

  bool barrier_running_ = false;
  std::uint64_t barrier_sequence_ = 0;
  std::uint64_t barrier_position_ = 0;
  bool effects_due_ = false;  // a barrier ended during a pause
  std::vector<Effect> waiting_;
  std::size_t waiting_head_ = 0;

  std::vector<Deferred> deferred_;
  std::size_t deferred_messages_ = 0;
};

}  // namespace sunder
