#include "harness/sim/world.h"

#include <deque>

#include "harness/api/fault_driver.h"
#include "harness/core/assert.h"
#include "harness/sim/clients.h"
#include "harness/sim/cluster.h"
#include "harness/sim/host.h"
#include "harness/sim/network.h"
#include "harness/sim/observer.h"

namespace sunder {
namespace {

constexpr Duration first_boot_max = std::chrono::milliseconds(5);

std::unique_ptr<Invariants> invariants_of(const System& system) {
  return system.make_invariants ? system.make_invariants() : nullptr;
}

}  // namespace

struct SimWorld::Parts {
  Parts(const Test& test, SimOptions chosen)
      : options(std::move(chosen)),
        kernel(test.seed),
        network(kernel, test),
        observer(kernel, invariants_of(test.system), options),
        hosts(make_hosts(test)),
        clients(kernel, network, test, [this](Op op) { completed(std::move(op)); }),
        cluster(kernel, network, hosts, test),
        driver(test, cluster, nullptr, [this](Op op) { completed(std::move(op)); }) {
    Rng boot(kernel.seed, Stream::of("first boot"));
    for (const auto& host : hosts) host->start(boot.between(Duration{0}, first_boot_max));
  }

  SimCluster::Hosts make_hosts(const Test& test) {
    SimCluster::Hosts made;
    for (std::int32_t i = 0; i < test.nodes; ++i) {
      made.push_back(
          std::make_unique<SimHost>(kernel, network, observer, test, i, options.crash));
    }
    return made;
  }

  void completed(Op op);
  void step();
  void handle(const PendingEvent& event);
  void deliver(std::uint32_t slot);
  Op take_completion();

  const SimOptions options;
  Kernel kernel;
  SimNetwork network;
  SimObserver observer;
  SimCluster::Hosts hosts;
  SimClients clients;
  SimCluster cluster;
  FaultDriver driver;
  std::deque<Op> completions;
  std::uint64_t events_run = 0;
};

void SimWorld::Parts::completed(Op op) {
  kernel.digest.add(static_cast<std::uint64_t>(op.process.id));
  kernel.digest.add(static_cast<std::uint64_t>(op.phase));
  add_to(kernel.digest, op.value);
  completions.push_back(std::move(op));
}

void SimWorld::Parts::step() {
  PendingEvent event = kernel.events.pop();
  kernel.now = instant_at(event.time);
  ++events_run;
  kernel.digest.add(static_cast<std::uint64_t>(event.time));
  kernel.digest.add((static_cast<std::uint64_t>(event.kind) << 16) | event.target);
  handle(event);
}

void SimWorld::Parts::handle(const PendingEvent& event) {
  switch (event.kind) {
    case EventKind::packet:
      return deliver(event.slot);
    case EventKind::probe:
      return cluster.probe_arrived(event);
    case EventKind::timer:
      return hosts[event.target]->timer_due(event);
    case EventKind::barrier:
      return hosts[event.target]->barrier_done(event);
    case EventKind::boot:
      return hosts[event.target]->booted(event);
    case EventKind::client_timer:
      return clients.timer_due(event);
    case EventKind::op_timeout:
      return clients.op_timed_out(event);
    case EventKind::invoke:
      return clients.invoke(event);
    case EventKind::call:
      return cluster.call(event);
  }
}

void SimWorld::Parts::deliver(std::uint32_t slot) {
  std::optional<Envelope> envelope = network.arrive(slot);
  if (!envelope) return;
  if (!envelope->target.is_node()) return clients.receive(*envelope);
  auto target = static_cast<std::size_t>(envelope->target.index);
  kernel.digest.add(target);
  hosts[target]->receive(*std::move(envelope));
}

Op SimWorld::Parts::take_completion() {
  Op op = std::move(completions.front());
  completions.pop_front();
  op.time = kernel.now;
  return op;
}

SimWorld::SimWorld(const Test& test, SimOptions options) {
  ASSERT_MSG(test.system.make_node && test.system.make_client,
             "only reference systems run in the simulator, not " + test.system.name);
  ASSERT(test.nodes > 0 && test.concurrency > 0);
  parts_ = std::make_unique<Parts>(test, std::move(options));
}

SimWorld::~SimWorld() = default;

Instant SimWorld::now() const { return parts_->kernel.now; }

void SimWorld::dispatch(const Op& invocation) {
  if (invocation.process.is_client()) return parts_->clients.dispatch(invocation);
  Digest& digest = parts_->kernel.digest;
  digest.add(static_cast<std::uint64_t>(invocation.process.nemesis_index()));
  digest.add(std::string_view(invocation.verb));
  add_to(digest, invocation.value);
  parts_->cluster.after(Duration{0},
                        [this, invocation] { parts_->driver.dispatch(invocation); });
}

std::optional<Op> SimWorld::await(Instant deadline) {
  Parts& parts = *parts_;
  Kernel& kernel = parts.kernel;
  for (;;) {
    if (!parts.completions.empty()) return parts.take_completion();
    if (kernel.events.empty() || kernel.events.next_time() > nanoseconds(deadline)) break;
    parts.step();
  }
  if (deadline != never) kernel.now = std::max(kernel.now, deadline);
  return {};
}

WorldRecord SimWorld::record() const {
  Digest digest = parts_->kernel.digest;
  parts_->network.add_draws(digest);
  for (const auto& host : parts_->hosts) host->add_draws(digest);
  parts_->clients.add_draws(digest);
  parts_->cluster.add_draws(digest);
  return WorldRecord{.broken_invariants = parts_->observer.broken(),
                     .invariants_watched = "after every step",
                     .probes = parts_->observer.probes(),
                     .lags = {},
                     .messages = parts_->network.delivered(),
                     .digest = digest.hex()};
}

std::uint64_t SimWorld::events() const { return parts_->events_run; }

}  // namespace sunder
