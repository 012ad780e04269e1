#include "harness/sim/clients.h"

namespace sunder {

/// A thread's place, and the channel of the client that sits in it.
class SimSeat final : public Channel {
 public:
  SimSeat(Kernel& kernel, SimNetwork& network, const Test& test, std::span<const NodeId> servers,
          std::size_t thread, const SimClients::Complete& complete)
      : kernel_(kernel),
        network_(network),
        test_(test),
        servers_(servers),
        thread_(thread),
        complete_(complete),
        rng_(kernel.seed, Stream{}) {}

  // What the client sees.
  NodeId self() const override { return NodeId::client(process_.id); }
  std::span<const NodeId> servers() const override { return servers_; }
  NodeId home() const override { return NodeId::node(process_.id % test_.nodes); }
  Instant now() const override { return kernel_.now; }
  void send(NodeId target, Message message) override {
    ASSERT(message);
    network_.send(self(), target, std::move(message));
  }
  void on_receive(std::function<void(const Envelope&)> handler) override {
    handler_ = std::move(handler);
  }
  Timer start_timer(Duration delay, std::function<void()> fire) override;
  void cancel_timer(Timer timer) override;
  Rng& rng() override { return rng_; }

  // What the world does.
  void begin(Op invocation);
  void timed_out(const PendingEvent& event);
  void timer_due(const PendingEvent& event);
  void receive(const Envelope& envelope);
  std::uint64_t draws() const { return rng_.draws(); }

 private:
  struct TimerSlot {
    std::uint64_t sequence = 0;  // of its event, which is also the timer's id
    std::function<void()> fire;
  };
  // Runs a callback of the client; the client is destroyed only after it has returned.
  template <class Callback>
  void enter(Callback callback) {
    inside_ = true;
    callback();
    inside_ = false;
    if (closing_) close();
  }
  void open(Process process);
  void close();
  void arm_timeout();
  void finish(Outcome outcome);

  Kernel& kernel_;
  SimNetwork& network_;
  const Test& test_;
  std::span<const NodeId> servers_;
  const std::size_t thread_;
  const SimClients::Complete& complete_;

  Process process_{-1};
  Rng rng_;
  std::function<void(const Envelope&)> handler_;
  std::vector<TimerSlot> timers_;
  std::unique_ptr<Client> client_;  // after what it uses, so that it goes first
  bool inside_ = false;
  bool closing_ = false;

  bool busy_ = false;
  Op op_;
  std::uint64_t op_serial_ = 0;
  Instant deadline_;         // of op_
  std::uint64_t armed_ = 0;  // sequence of the pending time-out event, 0: none
};

Timer SimSeat::start_timer(Duration delay, std::function<void()> fire) {
  std::size_t slot = 0;
  while (slot < timers_.size() && timers_[slot].sequence != 0) ++slot;
  if (slot == timers_.size()) timers_.emplace_back();
  std::uint64_t sequence = kernel_.push(std::max(delay, Duration{0}), EventKind::client_timer,
                                        thread_, static_cast<std::uint32_t>(slot));
  timers_[slot] = TimerSlot{sequence, std::move(fire)};
  return Timer{sequence};
}

void SimSeat::cancel_timer(Timer timer) {
  for (TimerSlot& slot : timers_) {
    if (timer.id != 0 && slot.sequence == timer.id) slot = TimerSlot{};
  }
}

void SimSeat::timer_due(const PendingEvent& event) {
  if (event.slot >= timers_.size() || timers_[event.slot].sequence != event.sequence) return;
  std::function<void()> fire = std::move(timers_[event.slot].fire);
  timers_[event.slot] = TimerSlot{};
  kernel_.digest.add(event.sequence);
  enter(fire);
}

void SimSeat::receive(const Envelope& envelope) {
  if (client_ == nullptr || envelope.target.index != process_.id || !handler_) return;
  enter([&] { handler_(envelope); });
}

void SimSeat::open(Process process) {
  close();
  process_ = process;
  rng_ = Rng(kernel_.seed, Stream::of("client", static_cast<std::uint64_t>(process.id)));
  network_.open_client(process);
  client_ = test_.system.make_client(*this, test_.config);
}

void SimSeat::close() {
  client_.reset();
  handler_ = nullptr;
  timers_.clear();
  closing_ = false;
}

void SimSeat::begin(Op invocation) {
  ASSERT_MSG(!busy_, describe(invocation));
  if (client_ == nullptr || process_ != invocation.process) open(invocation.process);
  op_ = std::move(invocation);
  busy_ = true;
  deadline_ = kernel_.now + test_.op_timeout;
  if (armed_ == 0) arm_timeout();
  enter([this] {
    client_->invoke(op_, [this, serial = ++op_serial_](Outcome outcome) {
      ASSERT_MSG(busy_ && serial == op_serial_, "a client completed an op twice");
      finish(std::move(outcome));
    });
  });
}

void SimSeat::arm_timeout() {
  armed_ = kernel_.events.push(deadline_, EventKind::op_timeout, thread_, 0);
}

// One pending event a seat is enough: when it comes too early for the present op, it is set again.
void SimSeat::timed_out(const PendingEvent& event) {
  ASSERT(event.sequence == armed_);
  armed_ = 0;
  if (!busy_) return;
  if (kernel_.now < deadline_) return arm_timeout();
  finish(Outcome::info("timed out"));
}

void SimSeat::finish(Outcome outcome) {
  busy_ = false;
  Op completion = op_;
  completion.phase = outcome.phase;
  completion.error = std::move(outcome.why);
  if (outcome.phase == Phase::ok) completion.value = std::move(outcome.value);
  closing_ = outcome.phase == Phase::info;
  complete_(std::move(completion));
  if (closing_ && !inside_) close();
}

SimClients::SimClients(Kernel& kernel, SimNetwork& network, const Test& test, Complete complete)
    : kernel_(kernel), network_(network), test_(test), complete_(std::move(complete)) {
  for (std::int32_t i = 0; i < test.nodes; ++i) servers_.push_back(NodeId::node(i));
  for (int thread = 0; thread < test.concurrency; ++thread) {
    seats_.push_back(std::make_unique<SimSeat>(kernel_, network_, test_, servers_,
                                               static_cast<std::size_t>(thread), complete_));
  }
}

SimClients::~SimClients() = default;

void SimClients::dispatch(const Op& invocation) {
  std::size_t thread = static_cast<std::size_t>(invocation.process.id) % seats_.size();
  kernel_.push(Duration{0}, EventKind::invoke, thread, invocations_.put(invocation));
}

void SimClients::invoke(const PendingEvent& event) {
  Op invocation = invocations_.take(event.slot);
  kernel_.digest.add(static_cast<std::uint64_t>(invocation.process.id));
  kernel_.digest.add(std::string_view(invocation.verb));
  add_to(kernel_.digest, invocation.value);
  seats_[event.target]->begin(std::move(invocation));
}

void SimClients::op_timed_out(const PendingEvent& event) {
  seats_[event.target]->timed_out(event);
}

void SimClients::timer_due(const PendingEvent& event) { seats_[event.target]->timer_due(event); }

void SimClients::receive(const Envelope& envelope) {
  seats_[static_cast<std::size_t>(envelope.target.index) % seats_.size()]->receive(envelope);
}

void SimClients::add_draws(Digest& digest) const {
  for (const auto& seat : seats_) digest.add(seat->draws());
}

}  // namespace sunder
