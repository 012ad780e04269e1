#include "harness/generate/simulate.h"

#include <map>
#include <utility>

namespace sunder::gen {
namespace {

Answers always(Phase phase) {
  return [phase](const Op&) { return Answer{phase}; };
}

class Simulation {
 public:
  Simulation(Generator generator, Seats seats, Answers answers)
      : generator_(std::move(generator)), answers_(std::move(answers)) {
    for (int i = 0; i < seats.clients; ++i) processes_.push_back(Process{i});
    context_.all = ThreadSet::range(seats.clients, seats.nemeses);
    context_.free = context_.all;
    context_.client_processes = &processes_;
  }

  Play play(std::size_t max_invocations) {
    while (invoked_ < max_invocations && step()) {
    }
    while (!due_.empty()) complete();
    return std::move(play_);
  }

 private:
  // What happens next to a busy thread; a sleep has no op.
  struct Due {
    Thread thread;
    std::optional<Op> op;
  };

  bool step() {
    Emission emission = generator_.next(context_);
    auto* ready = std::get_if<Ready>(&emission);
    if (ready == nullptr || (!due_.empty() && due_.begin()->first.first <= ready->op.time)) {
      if (!due_.empty()) {
        complete();
        return true;
      }
      play_.stuck = std::holds_alternative<Pending>(emission);
      return false;
    }
    context_.time = std::max(context_.time, ready->op.time);
    emit(*ready);
    return true;
  }

  void emit(Ready& ready) {
    generator_ = std::move(ready.rest);
    if (ready.kind == Ready::Kind::log) {
      play_.logged.push_back(ready.op.value.text());
      return;
    }
    Thread thread = context_.thread_of(ready.op.process);
    context_.free.erase(thread);
    if (ready.kind == Ready::Kind::sleep) return busy(ready.pause, Due{thread, std::nullopt});
    Op op = std::move(ready.op);
    op.index = play_.history.size();
    op.time = context_.time;
    op.phase = Phase::invoke;
    play_.history.push_back(op);
    ++invoked_;
    generator_ = generator_.after(context_, op);
    Answer answer = answers_(op);
    op.phase = answer.phase;
    busy(answer.latency, Due{thread, std::move(op)});
  }

  void busy(Duration time, Due due) {
    due_.emplace(std::pair{context_.time + time, sequence_++}, std::move(due));
  }

  void complete() {
    auto [when, due] = *due_.begin();
    due_.erase(due_.begin());
    context_.time = std::max(context_.time, when.first);
    context_.free.insert(due.thread);
    if (!due.op) return;
    Op op = *std::move(due.op);
    op.index = play_.history.size();
    op.time = context_.time;
    play_.history.push_back(op);
    if (op.process.is_client() && op.phase == Phase::info) {
      Process& process = processes_[static_cast<std::size_t>(due.thread)];
      process.id += static_cast<std::int32_t>(processes_.size());
    }
    generator_ = generator_.after(context_, op);
  }

  Generator generator_;
  Answers answers_;
  Context context_;
  std::vector<Process> processes_;
  std::map<std::pair<Instant, std::uint64_t>, Due> due_;  // by time, then by order of beginning
  std::uint64_t sequence_ = 0;
  std::size_t invoked_ = 0;
  Play play_;
};

}  // namespace

Answers perfect() { return always(Phase::ok); }
Answers failing() { return always(Phase::fail); }
Answers lost() { return always(Phase::info); }

std::vector<Op> Play::invocations() const {
  std::vector<Op> invocations;
  for (const Op& op : history) {
    if (op.phase == Phase::invoke) invocations.push_back(op);
  }
  return invocations;
}

Play simulate(Generator generator, Seats seats, Answers answers, std::size_t max_invocations) {
  return Simulation(std::move(generator), seats, std::move(answers)).play(max_invocations);
}

std::string print(const std::vector<Op>& ops) {
  std::string out;
  for (const Op& op : ops) {
    out += std::to_string(nanoseconds(op.time)) + ' ' + to_string(op.process) + ' ';
    out += to_string(op.phase);
    out += ' ' + op.verb + ' ';
    append_edn(out, op.value);
    out += '\n';
  }
  return out;
}

}  // namespace sunder::gen
