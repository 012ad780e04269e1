#include "checker/linearizable/engine.h"

#include <algorithm>

#include "checker/linearizable/bits.h"
#include "checker/linearizable/finder.h"

namespace sunder::linearizable {
namespace {

/// Every state that any sequence of the calls can reach; none when they are too many to try.
std::vector<StateId> reachable(Stepper& stepper, const Frame& frame, std::size_t steps_limit) {
  constexpr std::size_t states_limit = 4096;
  std::vector<bool> seen;
  std::vector<StateId> states;
  auto visit = [&](StateId state) {
    if (state == impossible) return;
    if (seen.size() <= state) seen.resize(state + 1);
    if (!seen[state]) states.push_back(state);
    seen[state] = true;
  };
  visit(stepper.model().initial());
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (states.size() > states_limit || i * frame.calls().classes.size() > steps_limit) return {};
    for (std::uint32_t cls = 0; cls < frame.calls().classes.size(); ++cls) {
      if (!frame.observes(cls)) visit(stepper.step(states[i], cls));
    }
  }
  return states;
}

class Engine {
 public:
  Engine(std::span<const Operation> operations, Model& model, const Budget& budget)
      : model_(model),
        budget_(budget),
        calls_(operations, [&](const Call& call) { return model.observes(call); }),
        frame_(calls_),
        stepper_(model, calls_.classes) {
    result_.returns = static_cast<std::uint32_t>(frame_.barriers().size());
  }

  EngineResult run() {
    if (frame_.slots() > slots_limit) {
      result_.reason = "more than " + std::to_string(slots_limit) + " calls at once";
      return std::move(result_);
    }
    std::uint64_t patience = 300'000;
    std::size_t width = 2'000;
    finder_ = make_finder(frame_, stepper_, budget_, false);
    for (int round = 0; !decided_; ++round, patience *= 8, width *= 8) {
      find(patience);
      report();
      if (!decided_) refute_nearby(width);
      if (!decided_ && states_.empty()) refute_beginning(width);
      if (!decided_ && round > 0) refute_all(width);
    }
    return std::move(result_);
  }

 private:
  void find(std::uint64_t patience) {
    Finder::Outcome outcome = finder_->run(patience);
    result_.passed = std::max(result_.passed, finder_->deepest());
    result_.steps += finder_->steps();
    if (outcome == Finder::Outcome::found) {
      result_.outcome = EngineResult::Outcome::linearizable;
      result_.order = finder_->order();
      decided_ = true;
    } else if (outcome == Finder::Outcome::over) {
      give_up();
    } else if (outcome == Finder::Outcome::gave_up && !thorough_) {
      thorough_ = true;
      finder_ = make_finder(frame_, stepper_, budget_, true);
    }
  }

  void give_up() {
    result_.reason = "the budget of time and memory was used up";
    decided_ = true;
  }

  void report() const {
    if (budget_.progress) budget_.progress(result_.passed, result_.returns);
  }

  // All up to a little after the return that was never passed, when that is not much: it needs none
  // but the initial state.
  void refute_beginning(std::size_t width) {
    if (result_.passed > width) return;
    std::uint32_t to = std::min(result_.returns, result_.passed + 1 + lookahead(width));
    for (bool counted : {false, true}) {
      if (!decided_) attempt(0, to, {model_.initial()}, counted, width);
    }
  }

  static std::uint32_t lookahead(std::size_t width) {
    return static_cast<std::uint32_t>(width / 64);
  }

  // Stretches that end a little after the return that was never passed, each longer than the last.
  void refute_nearby(std::size_t width) {
    // A short history is soon refuted from its beginning; what it reaches may take longer to find.
    bool is_short = result_.returns <= width;
    std::size_t effort = is_short ? 192 + calls_.operations.size() : std::size_t{1} << 22;
    if (states_.empty()) states_ = reachable(stepper_, frame_, effort);
    std::uint32_t end = result_.passed;
    std::uint32_t to = std::min(result_.returns, end + 1 + lookahead(width));
    for (std::uint32_t length = 1; !decided_ && length < end; length *= 4) {
      if (states_.empty() || length > width) break;
      for (bool counted : {false, true}) {
        if (decided_ || (counted && frame_.crash_classes() == 0 && length > 1)) continue;
        attempt(end - length, to, states_, counted, width);
      }
    }
  }

  void refute_all(std::size_t width) {
    attempt(0, result_.returns, {model_.initial()}, false, width);
    if (!decided_) attempt(0, result_.returns, {model_.initial()}, true, width);
  }

  void attempt(std::uint32_t from, std::uint32_t to, const std::vector<StateId>& states,
               bool counted, std::size_t width) {
    Frame window(calls_, from, to);
    auto refuter = make_refuter(window, stepper_, budget_, {.counted = counted, .width = width});
    Refuter::Outcome outcome = refuter->run(states);
    result_.steps += refuter->steps();
    if (outcome == Refuter::Outcome::refuted) {
      describe(window, *refuter, from, counted);
      result_.outcome = EngineResult::Outcome::not_linearizable;
      decided_ = true;
    } else if (outcome == Refuter::Outcome::survived && from == 0 && to == result_.returns &&
               counted) {
      result_.order = refuter->order();
      result_.outcome = EngineResult::Outcome::linearizable;
      decided_ = true;
    } else if (outcome == Refuter::Outcome::over) {
      give_up();
    }
  }

  void describe(const Frame& window, const Refuter& refuter, std::uint32_t from, bool counted) {
    Refutation& proof = result_.refutation;
    proof.from = from;
    proof.to = from + refuter.last();
    proof.counted = counted;
    if (from != 0) proof.after = calls_.operations[calls_.returns[from - 1]].returned + 1;
    for (std::uint32_t i = 0; i <= refuter.last(); ++i) {
      Refutation::Layer layer{window.barriers()[i].operation, refuter.configurations(i)};
      for (const Configuration& configuration : layer.configurations) {
        auto [place, fresh] = proof.state_values.try_emplace(configuration.state);
        if (fresh) place->second = model_.describe(configuration.state);
      }
      proof.layers.push_back(std::move(layer));
    }
    for (std::uint32_t crash = 0; crash < window.crash_classes(); ++crash) {
      proof.crash_examples.push_back(window.crashed(crash).front());
    }
  }

  Model& model_;
  Budget budget_;
  Calls calls_;
  Frame frame_;
  Stepper stepper_;
  std::unique_ptr<Finder> finder_;
  std::vector<StateId> states_;  // that can be reached; none: too many
  EngineResult result_;
  bool thorough_ = false;
  bool decided_ = false;
};

}  // namespace

EngineResult decide(std::span<const Operation> operations, Model& model, const Budget& budget) {
  return Engine(operations, model, budget).run();
}

}  // namespace sunder::linearizable
