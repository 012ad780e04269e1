#include "harness/run/run_loop.h"

#include "harness/core/assert.h"

namespace sunder {
namespace {

class Loop {
 public:
  Loop(const Test& test, World& world, const RunHooks& hooks)
      : test_(test), world_(world), hooks_(hooks), generator_(test.generator) {
    for (int i = 0; i < test.concurrency; ++i) processes_.push_back(Process{i});
    int nemeses = static_cast<int>(test.nemeses.size()) + 1;  // and the control
    context_.all = ThreadSet::range(test.concurrency, nemeses);
    context_.free = context_.all;
    context_.client_processes = &processes_;
  }

  History play() {
    AssertContext describe([this] {
      return "seed " + std::to_string(test_.seed) + ", op " + std::to_string(history_.size());
    });
    while (!interrupted() && step()) {
    }
    return history_.take();
  }

 private:
  // Returns false when there is nothing left to do.
  bool step() {
    if (std::optional<Op> completion = world_.await(at_start)) {
      complete(*std::move(completion));
      return true;
    }
    context_.time = world_.now();
    wake_sleepers();
    Emission emission = generator_.next(context_);
    if (auto* ready = std::get_if<Ready>(&emission)) {
      if (ready->op.time > context_.time) {
        wait_until(ready->op.time);
      } else {
        emit(*ready);
      }
      return true;
    }
    bool busy = in_flight_ > 0 || !sleepers_.empty();
    if (!busy) {
      ASSERT_MSG(std::holds_alternative<Exhausted>(emission),
                 "the generator waits for an event, but nothing is under way");
      return false;
    }
    wait_until(never);
    return true;
  }

  void wait_until(Instant deadline) {
    if (!sleepers_.empty()) deadline = std::min(deadline, sleepers_.begin()->first);
    if (std::optional<Op> completion = world_.await(deadline)) complete(*std::move(completion));
  }

  void emit(Ready& ready) {
    Thread thread = context_.thread_of(ready.op.process);
    ASSERT_MSG(context_.free.contains(thread), "the generator chose a busy thread");
    generator_ = std::move(ready.rest);
    if (ready.kind == Ready::Kind::log) {
      const Value& line = ready.op.value;
      if (hooks_.log) hooks_.log(line.is_text() ? line.text() : to_json(line));
      return;
    }
    context_.free.erase(thread);
    if (ready.kind == Ready::Kind::sleep) {
      sleepers_.emplace(context_.time + ready.pause, thread);
      return;
    }
    ready.op.phase = Phase::invoke;
    ready.op.time = context_.time;
    record(ready.op);
    ++in_flight_;
    generator_ = generator_.after(context_, ready.op);
    world_.dispatch(ready.op);
  }

  void complete(Op op) {
    ASSERT_MSG(in_flight_ > 0 && op.phase != Phase::invoke, describe(op));
    --in_flight_;
    context_.time = std::max(op.time, world_.now());
    op.time = context_.time;
    record(op);
    Thread thread = context_.thread_of(op.process);
    context_.free.insert(thread);
    if (op.process.is_client() && op.phase == Phase::info) {
      processes_[static_cast<std::size_t>(thread)].id += test_.concurrency;
    }
    generator_ = generator_.after(context_, op);
  }

  void wake_sleepers() {
    while (!sleepers_.empty() && sleepers_.begin()->first <= context_.time) {
      context_.free.insert(sleepers_.begin()->second);
      sleepers_.erase(sleepers_.begin());
    }
  }

  void record(Op& op) {
    op.index = history_.add(op);
    if (hooks_.record) hooks_.record(op);
  }

  bool interrupted() const { return hooks_.interrupted != nullptr && hooks_.interrupted->load(); }

  const Test& test_;
  World& world_;
  const RunHooks& hooks_;
  Generator generator_;
  Context context_;
  std::vector<Process> processes_;
  std::multimap<Instant, Thread> sleepers_;
  std::size_t in_flight_ = 0;
  HistoryBuilder history_;
};

}  // namespace

History run(const Test& test, World& world, const RunHooks& hooks) {
  return Loop(test, world, hooks).play();
}

}  // namespace sunder
