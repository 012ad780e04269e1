#include "harness/sim/host.h"

namespace sunder {
namespace {

constexpr std::int64_t million = 1'000'000;
constexpr std::int64_t drift_ppm_max = 100;
constexpr Duration wall_skew_max = std::chrono::milliseconds(2);  // as NTP leaves it
constexpr std::int64_t epoch = 1'700'000'000'000'000'000;         // of every run, Unix nanoseconds
constexpr Duration barrier_min = std::chrono::microseconds(200);
constexpr Duration barrier_max = std::chrono::milliseconds(2);
constexpr Duration barrier_slow_max = std::chrono::milliseconds(20);
constexpr Ratio barrier_slow{1, 100};
constexpr std::size_t buffered_max = 4096;  // messages to a paused process, as in socket buffers
constexpr int timer_slot_bits = 20;

}  // namespace

SimHost::SimHost(Kernel& kernel, SimNetwork& network, SimObserver& observer, const Test& test,
                 std::int32_t index, CrashPolicy policy)
    : kernel_(kernel),
      network_(network),
      observer_(observer),
      test_(test),
      self_(NodeId::node(index)),
      policy_(policy),
      rng_(kernel.seed, Stream::of("node", static_cast<std::uint64_t>(index))),
      disk_rng_(kernel.seed, Stream::of("disk", static_cast<std::uint64_t>(index))),
      crash_rng_(kernel.seed, Stream::of("crash", static_cast<std::uint64_t>(index))),
      clock_rng_(kernel.seed, Stream::of("clock", static_cast<std::uint64_t>(index))),
      drift_ppm_(clock_rng_.between(-drift_ppm_max, drift_ppm_max)),
      wall_skew_(clock_rng_.between(-wall_skew_max, wall_skew_max)),
      disk_([this] { on_sync(); }) {
  for (std::int32_t i = 0; i < test.nodes; ++i) peers_.push_back(NodeId::node(i));
}

Instant SimHost::now() const {
  std::int64_t elapsed = nanoseconds(kernel_.now - boot_time_);
  return boot_origin_ + Duration{elapsed + elapsed / million * drift_ppm_ +
                                 elapsed % million * drift_ppm_ / million};
}

WallTime SimHost::wall_now() const {
  return WallTime{Duration{epoch} + kernel_.now.time_since_epoch() + clock_offset()};
}

Duration SimHost::clock_offset() const {
  return wall_skew_ + wall_step_ + gain_of(course_, kernel_.now - course_begin_);
}

void SimHost::bend_clock(const ClockCourse& course) {
  course_.strobe = Duration{0};  // it has jumped back; only what a rate has gained stays
  wall_step_ += gain_of(course_, kernel_.now - course_begin_);
  course_ = course;
  course_begin_ = kernel_.now;
}

void SimHost::reset_clock() {
  wall_step_ = Duration{0};
  course_ = {};
}

void SimHost::send(NodeId target, Message message) {
  ASSERT(message);
  if (!barrier_running_) return network_.send(self_, target, std::move(message));
  waiting_.push_back(Effect{target, std::move(message), 0});
}

void SimHost::on_sync() {
  if (barrier_running_) {
    bool merges = waiting_head_ < waiting_.size() && !waiting_.back().message;
    if (!merges) waiting_.emplace_back();
    waiting_.back().position = disk_.position();
    return;
  }
  if (disk_.position() > disk_.committed()) begin_barrier(disk_.position());
}

void SimHost::begin_barrier(std::uint64_t position) {
  bool slow = disk_rng_.chance(barrier_slow);
  Duration latency = disk_rng_.between(barrier_min, slow ? barrier_slow_max : barrier_max);
  barrier_running_ = true;
  barrier_position_ = position;
  barrier_sequence_ =
      kernel_.push(latency, EventKind::barrier, static_cast<std::size_t>(self_.index), 0);
}

void SimHost::barrier_done(const PendingEvent& event) {
  if (!barrier_running_ || event.sequence != barrier_sequence_) return;
  disk_.commit(barrier_position_);
  if (state_ == ProcessState::paused) {
    effects_due_ = true;
  } else {
    release_effects();
  }
}

void SimHost::release_effects() {
  barrier_running_ = false;
  while (waiting_head_ < waiting_.size()) {
    Effect effect = std::move(waiting_[waiting_head_++]);
    if (effect.message) {
      network_.send(self_, effect.target, std::move(effect.message));
    } else if (effect.position > disk_.committed()) {
      begin_barrier(effect.position);
      break;
    }
  }
  bool mostly_done = waiting_head_ * 2 >= waiting_.size();
  if (!mostly_done) return;
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(waiting_head_));
  waiting_head_ = 0;
}

Timer SimHost::start_timer(Duration delay) {
  std::uint32_t slot = 0;
  if (free_timers_.empty()) {
    slot = static_cast<std::uint32_t>(timers_.size());
    ASSERT(slot < (1u << timer_slot_bits));
    timers_.emplace_back();
  } else {
    slot = free_timers_.back();
    free_timers_.pop_back();
  }
  // The delay is of the node's own clock; rounded up, so that it never sees its timer fire early.
  std::int64_t own = std::max<std::int64_t>(delay.count(), 0);
  std::int64_t rate = million + drift_ppm_;
  Duration real{own / rate * million + (own % rate * million + rate - 1) / rate};
  std::uint64_t id = (++timer_serial_ << timer_slot_bits) | slot;
  auto target = static_cast<std::size_t>(self_.index);
  timers_[slot] = TimerSlot{id, kernel_.push(real, EventKind::timer, target, slot)};
  return Timer{id};
}

std::size_t SimHost::slot_of(Timer timer) const {
  std::size_t slot = timer.id & ((1u << timer_slot_bits) - 1);
  bool live = timer.id != 0 && slot < timers_.size() && timers_[slot].id == timer.id;
  return live ? slot : timers_.size();
}

void SimHost::cancel_timer(Timer timer) {
  std::size_t slot = slot_of(timer);
  if (slot == timers_.size()) return;
  timers_[slot] = TimerSlot{};
  free_timers_.push_back(static_cast<std::uint32_t>(slot));
}

void SimHost::timer_due(const PendingEvent& event) {
  if (event.slot >= timers_.size() || timers_[event.slot].sequence != event.sequence) return;
  Timer timer{timers_[event.slot].id};
  if (state_ == ProcessState::paused) {
    deferred_.push_back(Deferred{timer, {}});
  } else {
    fire(timer);
  }
}

void SimHost::fire(Timer timer) {
  if (slot_of(timer) == timers_.size()) return;  // cancelled by what ran before it at the resume
  cancel_timer(timer);
  kernel_.digest.add(timer.id);
  node_->on_timer(timer);
}

void SimHost::receive(Envelope envelope) {
  if (node_ == nullptr) return;
  if (state_ == ProcessState::running) return node_->on_message(envelope);
  if (deferred_messages_ >= buffered_max) return;
  ++deferred_messages_;
  deferred_.push_back(Deferred{Timer{}, std::move(envelope)});
}

void SimHost::start(Duration delay) {
  if (state_ != ProcessState::stopped) return;
  state_ = ProcessState::running;
  ++starts_;
  boot_sequence_ = kernel_.push(delay, EventKind::boot, static_cast<std::size_t>(self_.index), 0);
}

void SimHost::booted(const PendingEvent& event) {
  if (event.sequence != boot_sequence_ || state_ == ProcessState::stopped) return;
  if (state_ == ProcessState::paused) {  // SIGSTOP met it while it was being loaded
    boot_sequence_ = kernel_.push(std::chrono::milliseconds(10), EventKind::boot,
                                  static_cast<std::size_t>(self_.index), 0);
    return;
  }
  if (!damage_.empty()) return refuse_to_start();
  boot_time_ = kernel_.now;
  boot_origin_ = at_start + clock_rng_.between(std::chrono::seconds(1), std::chrono::hours(1));
  observer_.lifecycle(self_, "started");
  version_ = next_version_;
  bool other = version_ == Version::other;
  node_ = test_.system.make_node(*this, other ? test_.other_version->config : test_.config);
  node_->on_start();
}

void SimHost::kill() {
  if (state_ == ProcessState::stopped) return;
  end_process(policy_, "killed");
  ended_ = "signal 9";
}

void SimHost::terminate() {
  if (state_ == ProcessState::stopped) return;
  termination_due_ = state_ == ProcessState::paused;
  if (termination_due_) return;
  end_process(CrashPolicy::all, "terminated");
  ended_ = "exit 0";
}

void SimHost::end_process(CrashPolicy policy, std::string_view event) {
  stood_still_ = stood_still();
  termination_due_ = false;
  state_ = ProcessState::stopped;
  node_.reset();
  timers_.clear();
  free_timers_.clear();
  deferred_.clear();
  deferred_messages_ = 0;
  waiting_.clear();
  waiting_head_ = 0;
  effects_due_ = false;
  // Writes behind a running barrier were still queued in the process.
  disk_.crash(barrier_running_ ? std::max(barrier_position_, disk_.committed()) : disk_.position(),
              policy, crash_rng_);
  barrier_running_ = false;
  observer_.lifecycle(self_, event);
}

void SimHost::refuse_to_start() {
  state_ = ProcessState::stopped;
  ended_ = "exit 69";
  observer_.lifecycle(self_, "refused");
}

Erased SimHost::wipe() {
  ASSERT(state_ == ProcessState::stopped);
  damage_.clear();
  Erased erased{.erased = disk_.entries()};
  disk_.wipe();
  erased.left = disk_.entries();
  return erased;
}

// A request to a paused process would wait in its socket for longer than anyone waits for an
// answer: here it is lost.
Status SimHost::instruct(std::string_view verb, const Value& value) {
  bool answers = state_ == ProcessState::running && node_ != nullptr;
  if (answers) return node_->instruct(verb, value);
  return Error{Error::Code::timed_out, to_string(self_) + " did not answer"};
}

void SimHost::pause() {
  ASSERT(state_ != ProcessState::stopped);
  if (state_ == ProcessState::paused) return;
  state_ = ProcessState::paused;
  pause_begin_ = kernel_.now;
  observer_.lifecycle(self_, "paused");
}

void SimHost::resume() {
  if (state_ != ProcessState::paused) return;
  stood_still_ = stood_still();
  state_ = ProcessState::running;
  observer_.lifecycle(self_, "resumed");
  if (termination_due_) return terminate();
  if (effects_due_) {
    effects_due_ = false;
    release_effects();
  }
  std::vector<Deferred> deferred = std::move(deferred_);
  deferred_.clear();
  deferred_messages_ = 0;
  for (Deferred& entry : deferred) {
    if (entry.timer.id != 0) {
      fire(entry.timer);
    } else {
      node_->on_message(entry.envelope);
    }
  }
}

Duration SimHost::stood_still() const {
  bool paused = state_ == ProcessState::paused;
  return stood_still_ + (paused ? kernel_.now - pause_begin_ : Duration{0});
}

NodeReport SimHost::report() const {
  NodeReport report{self_, state_, state_ == ProcessState::running, {}, clock_offset()};
  if (report.reachable && node_ != nullptr) report.status = node_->status();
  if (node_ != nullptr) report.version = version_;
  report.starts = starts_;
  report.ended = ended_;
  report.stood_still = stood_still();
  report.read_at = kernel_.now;
  report.read_wall = WallTime{Duration{epoch} + kernel_.now.time_since_epoch()};
  return report;
}

void SimHost::add_draws(Digest& digest) const {
  digest.add(rng_.draws());
  digest.add(disk_rng_.draws());
  digest.add(crash_rng_.draws());
  digest.add(clock_rng_.draws());
}

}  // namespace sunder
