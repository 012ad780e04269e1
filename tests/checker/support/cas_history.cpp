#include "tests/checker/support/cas_history.h"

#include <algorithm>

#include "checker/linearizable/verbs.h"
#include "harness/core/rng.h"

namespace sunder::testing_support {
namespace {

using linearizable::Call;
using linearizable::open_end;
using linearizable::Operation;
using linearizable::Operations;

/// One process while it simulates.
struct Worker {
  Operation operation;
  bool busy = false;
  bool applied = false;
  bool crashes = false;
  bool failed = false;
};

class Simulation {
 public:
  explicit Simulation(const CasHistory& wanted)
      : wanted_(wanted), rng_(wanted.seed, Stream::of("cas history")), workers_(wanted.processes) {}

  Operations run() {
    bool planted = wanted_.plant == CasHistory::Plant::nothing;
    while (invoked_ < wanted_.operations) {
      if (!planted && invoked_ >= wanted_.operations / 10 * 9) {
        plant();
        planted = true;
      }
      step(planted);
    }
    while (std::any_of(workers_.begin(), workers_.end(), [](auto& w) { return w.busy; })) {
      finish(workers_[rng_.below(workers_.size())]);
    }
    std::sort(done_.begin(), done_.end(),
              [](auto& a, auto& b) { return a.invoked < b.invoked; });
    return std::move(done_);
  }

 private:
  void step(bool planted) {
    Worker& worker = workers_[rng_.below(workers_.size())];
    if (worker.busy) return finish(worker);
    ++invoked_;
    std::int32_t a = value();
    std::int32_t b = value();
    worker = {};
    worker.busy = true;
    worker.operation.invoked = now_++;
    Call& call = worker.operation.call;
    call.verb = static_cast<std::uint32_t>(rng_.below(3));
    if (call.verb != linearizable::register_verb::read) call.input = a;
    if (call.verb == linearizable::register_verb::cas) call.output = b;
    bool may_crash = !wanted_.crash_after_plant || planted;
    worker.crashes = may_crash && rng_.below(1000) < wanted_.crash_per_mille;
  }

  // A busy process takes effect at its first turn and returns at its second.
  void finish(Worker& worker) {
    if (!worker.busy) return;
    if (!worker.applied) {
      worker.applied = true;
      if (worker.crashes && rng_.below(2) == 0) return;  // never takes effect
      apply(worker);
      return;
    }
    worker.busy = false;
    if (worker.crashes) {
      if (worker.operation.call.verb == linearizable::register_verb::read) return;
      done_.push_back(worker.operation);
    } else if (!worker.failed) {
      worker.operation.returned = now_++;
      done_.push_back(worker.operation);
    }
  }

  void apply(Worker& worker) {
    Call& call = worker.operation.call;
    switch (call.verb) {
      case linearizable::register_verb::read: call.output = state_; break;
      case linearizable::register_verb::write: state_ = call.input; break;
      default:
        if (state_ == call.input) {
          state_ = call.output;
        } else {
          worker.failed = true;
        }
    }
  }

  std::int32_t value() {
    return static_cast<std::int32_t>(rng_.below(static_cast<std::uint64_t>(wanted_.values))) + 1;
  }

  void alone(std::uint32_t verb, std::int32_t input, std::int32_t output) {
    std::uint32_t invoked = now_++;
    done_.push_back({{verb, 0, input, output}, invoked, now_++});
  }

  void plant() {
    using namespace linearizable;
    if (wanted_.plant == CasHistory::Plant::outside_domain) {
      alone(register_verb::write, 1000, 0);
      alone(register_verb::write, 1001, 0);
      alone(register_verb::read, 0, 1000);
      alone(register_verb::write, state_, 0);
      return;
    }
    // Every process gets busy with a call that applies only after the reads, so that all of them
    // might be what the reads saw. Reads of two values take turns more often than that.
    for (Worker& worker : workers_) {
      while (worker.busy) finish(worker);
    }
    for (Worker& worker : workers_) {
      worker = {};
      worker.busy = true;
      worker.operation = {{register_verb::write, 0, value(), 0}, now_++, open_end};
    }
    for (std::uint32_t i = 0; i < wanted_.processes + 2; ++i) {
      alone(register_verb::read, 0, 1 + static_cast<std::int32_t>(i % 2));
    }
  }

  const CasHistory& wanted_;
  Rng rng_;
  std::vector<Worker> workers_;
  Operations done_;
  std::int32_t state_ = 0;
  std::uint32_t now_ = 0;
  std::uint32_t invoked_ = 0;
};

}  // namespace

Operations cas_history(const CasHistory& wanted) { return Simulation(wanted).run(); }

}  // namespace sunder::testing_support
