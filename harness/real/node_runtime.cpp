#include "harness/real/node_runtime.h"

#include "harness/core/assert.h"

namespace sunder {

NodeRuntime::NodeRuntime(NodeId self, std::vector<NodeId> peers,
                         std::unique_ptr<FileStorage> storage, TraceFile trace, std::uint64_t seed,
                         Carrier& carrier)
    : self_(self), peers_(std::move(peers)), storage_(std::move(storage)),
      trace_(std::move(trace)),
      rng_(seed, Stream::of("node", static_cast<std::uint64_t>(self.index))), carrier_(carrier),
      boot_(host_nanoseconds()) {
  storage_->on_sync([this] { effects_.push_back({{}, {}, storage_->changes()}); });
  read_clocks();
}

void NodeRuntime::read_clocks() {
  now_ = instant_at(host_nanoseconds() - boot_);
  wall_now_ = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

template <class Handler>
void NodeRuntime::handle(Handler handler) {
  read_clocks();
  handler();
  trace_.flush();
  if (Status flushed = storage_->flush(); !flushed) return carrier_.disk_failed(flushed.error());
  carry_out();
  arm();
}

void NodeRuntime::boot(Node& node) {
  node_ = &node;
  handle([&] { node.on_start(); });
}

void NodeRuntime::deliver(const Envelope& envelope) {
  handle([&] { node_->on_message(envelope); });
}

Status NodeRuntime::instruct(std::string_view verb, const Value& value) {
  Status status = Done{};
  handle([&] { status = node_->instruct(verb, value); });
  return status;
}

void NodeRuntime::fire_timers() {
  armed_ = never;
  read_clocks();
  std::vector<std::uint64_t> fired;
  for (const auto& [instant, timer] : timers_) {
    if (instant > now_) break;
    fired.push_back(timer);
  }
  for (std::uint64_t timer : fired) {
    auto due = due_.find(timer);
    if (due == due_.end()) continue;  // an earlier handler of this round cancelled it
    timers_.erase({due->second, timer});
    due_.erase(due);
    handle([&] { node_->on_timer(Timer{timer}); });
  }
  arm();
}

void NodeRuntime::arm() {
  if (timers_.empty() || timers_.begin()->first == armed_) return;
  armed_ = timers_.begin()->first;
  carrier_.wake_at(instant_at(boot_ + nanoseconds(armed_)));
}

void NodeRuntime::carry_out() {
  while (!effects_.empty()) {
    Effect& effect = effects_.front();
    if (effect.message) {
      carrier_.carry(effect.target, effect.message);
    } else if (effect.changes > durable_) {
      if (!syncing_) {
        // Everything flushed so far rides along, so that barriers queued meanwhile open together.
        syncing_ = true;
        storage_->sync_begins();
        carrier_.sync(storage_->file(), storage_->changes());
      }
      return;
    }
    effects_.pop_front();
  }
}

void NodeRuntime::synced(std::uint64_t changes) {
  syncing_ = false;
  storage_->sync_ended();
  durable_ = std::max(durable_, changes);
  carry_out();
}

void NodeRuntime::send(NodeId target, Message message) {
  effects_.push_back({target, std::move(message), 0});
}

Timer NodeRuntime::start_timer(Duration delay) {
  std::uint64_t timer = ++last_timer_;
  Instant due = now_ + std::max(delay, Duration{0});
  timers_.insert({due, timer});
  due_.emplace(timer, due);
  return Timer{timer};
}

void NodeRuntime::cancel_timer(Timer timer) {
  auto due = due_.find(timer.id);
  if (due == due_.end()) return;
  timers_.erase({due->second, timer.id});
  due_.erase(due);
}

void NodeRuntime::probe(std::string_view name) {
  trace_.add_probe(self_, boot_ + nanoseconds(now_), name);
}

void NodeRuntime::trace(Event event) { trace_.add(self_, boot_ + nanoseconds(now_), event); }

}  // namespace sunder
