#include "tests/checker/support/small_histories.h"

#include <gtest/gtest.h>

namespace sunder::testing_support {
namespace {

using linearizable::Call;
using linearizable::Datatype;
using linearizable::Fate;
using linearizable::impossible;
using linearizable::Model;
using linearizable::StateId;

/// A call while it goes on. An answer is a number of `asked.answers`.
struct Running {
  static constexpr std::size_t unanswered = SIZE_MAX;

  Asked asked;
  std::vector<Call> calls;  // by answer
  std::vector<Fate> fates;  // by answer
  int process = 0;
  std::size_t answer = unanswered;
  bool crashes = false;
  bool silent = false;  // a crash without even an info
  bool invoked = false;
  bool done = false;  // ready to return
  int tries = 0;
};

struct Event {
  std::size_t running = 0;
  bool invokes = false;
};

class Simulation {
 public:
  Simulation(const SmallLoad& load, std::uint64_t seed)
      : rng_(seed, Stream::of("small history")),
        right_(rng_.below(4) != 0),
        threads_(2 + rng_.below(3)) {
    made_.options = load.options[rng_.below(load.options.size())];
    datatype_ = make_datatype(load.datatype, made_.options);
    std::size_t operations = 2 + rng_.below(6);
    bool distinct = rng_.below(2) == 0;
    std::uint64_t crash_percent = rng_.below(3) * 25;
    std::vector<int> processes;
    for (std::size_t i = 0; i < threads_.size(); ++i) processes.push_back(static_cast<int>(i));
    for (std::size_t i = 0; i < operations; ++i) {
      std::size_t thread = rng_.below(threads_.size());
      threads_[thread].push_back(i);
      runs_.push_back(
          prepare(load.ask(rng_, distinct ? static_cast<int>(i + 1) : 0), processes[thread]));
      runs_.back().crashes = rng_.below(100) < crash_percent;
      runs_.back().silent = rng_.below(2) == 0;
      if (runs_.back().crashes) processes[thread] += static_cast<int>(threads_.size());
    }
    model_ = datatype_->model();
    state_ = model_->initial();
  }

  SmallHistory run() {
    while (events_.size() < 2 * runs_.size()) {
      std::vector<std::size_t>& thread = threads_[rng_.below(threads_.size())];
      if (!thread.empty()) take_turn(thread);
      if (!late_.empty() && rng_.below(4) == 0) late_effect();
    }
    made_.right = right_ && rng_.below(3) == 0;
    if (right_ && !made_.right) spoil();
    write_down();
    return std::move(made_);
  }

 private:
  Running prepare(Asked asked, int process) {
    Running running{.asked = std::move(asked), .process = process};
    for (const PossibleAnswer& answer : running.asked.answers) {
      std::vector<std::uint8_t> arguments;
      std::vector<std::uint8_t> answered;
      encode(running.asked.arguments, arguments);
      encode(answer.value, answered);
      Call call;
      EXPECT_TRUE(datatype_->begin(running.asked.verb, ValueView(arguments.data()),
                                   Process{process}, call));
      Fate fate = datatype_->end(call, answer.phase, ValueView(answered.data()), answer.error);
      EXPECT_NE(fate, Fate::broken) << running.asked.verb;
      running.calls.push_back(call);
      running.fates.push_back(fate);
    }
    return running;
  }

  // A thread's first call is the one that goes on or comes next.
  void take_turn(std::vector<std::size_t>& thread) {
    Running& running = runs_[thread.front()];
    if (!running.invoked) {
      running.invoked = true;
      events_.push_back({thread.front(), true});
    } else if (!running.done) {
      try_effect(thread.front());
    } else {
      events_.push_back({thread.front(), false});
      thread.erase(thread.begin());
    }
  }

  // The object does what some possible answer says. An object without a right answer waits a
  // little, then refuses.
  void try_effect(std::size_t at) {
    Running& running = runs_[at];
    if (!right_) {
      running.answer = rng_.below(running.calls.size());
      running.done = true;
    } else if (running.crashes) {
      running.done = true;
      std::uint64_t when = rng_.below(3);
      if (when == 0) take_effect(running);
      if (when == 1) late_.push_back(at);
    } else {
      running.done = take_effect(running) || ++running.tries > 3;
    }
  }

  bool take_effect(Running& running) {
    std::vector<std::size_t> possible;
    for (std::size_t i = 0; i < running.calls.size(); ++i) {
      bool happens = running.fates[i] == Fate::happened;
      if (happens && model_->step(state_, running.calls[i]) == impossible) continue;
      possible.push_back(i);
    }
    if (possible.empty()) return false;
    running.answer = possible[rng_.below(possible.size())];
    if (running.fates[running.answer] == Fate::happened) {
      state_ = model_->step(state_, running.calls[running.answer]);
    }
    return true;
  }

  void late_effect() {
    take_effect(runs_[late_.front()]);
    late_.erase(late_.begin());
  }

  void spoil() {
    for (std::uint64_t left = 1 + rng_.below(2); left > 0; --left) {
      std::size_t at = rng_.below(events_.size() - 1);
      Running& running = runs_[events_[at].running];
      if (rng_.below(2) == 0) {
        running.answer = rng_.below(running.calls.size());
      } else if (running.process != runs_[events_[at + 1].running].process) {
        std::swap(events_[at], events_[at + 1]);
      }
    }
  }

  void write_down() {
    HistoryBuilder builder;
    for (const Event& event : events_) {
      const Running& running = runs_[event.running];
      Op op{.process = Process{running.process}, .verb = running.asked.verb};
      op.value = running.asked.arguments;
      if (!event.invokes && running.crashes) {
        if (running.silent) continue;
        op.phase = Phase::info;
      } else if (!event.invokes && running.answer == Running::unanswered) {
        op.phase = Phase::fail;
        op.error = "unavailable";
      } else if (!event.invokes) {
        const PossibleAnswer& answer = running.asked.answers[running.answer];
        op.phase = answer.phase;
        op.value = answer.value;
        op.error = answer.error;
      }
      builder.add(op);
    }
    made_.history = builder.take();
  }

  Rng rng_;
  bool right_;                                     // there is an object
  std::vector<std::vector<std::size_t>> threads_;  // the calls that each has still to end
  SmallHistory made_;
  std::unique_ptr<Datatype> datatype_;
  std::vector<Running> runs_;  // in the order in which they were prepared
  std::unique_ptr<Model> model_;
  StateId state_ = 0;
  std::vector<std::size_t> late_;  // crashed calls that will take effect some day
  std::vector<Event> events_;
};

}  // namespace

SmallHistory small_history(const SmallLoad& load, std::uint64_t seed) {
  return Simulation(load, seed).run();
}

}  // namespace sunder::testing_support
