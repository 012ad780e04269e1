#include "checker/linearizable/reduce.h"

#include <algorithm>

namespace sunder::linearizable {
namespace {

class Reducer {
 public:
  Reducer(Model& model, std::vector<StateId> initial, const Budget& budget)
      : model_(model), initial_(std::move(initial)), budget_(budget) {}

  /// Whether these operations contradict themselves; remembers how.
  bool contradicts(const Operations& operations) {
    Calls calls(operations, [&](const Call& call) { return model_.observes(call); });
    Frame frame(calls);
    Stepper stepper(model_, calls.classes);
    auto refuter = make_refuter(frame, stepper, budget_, {.counted = true, .width = 20'000});
    if (refuter->run(initial_) != Refuter::Outcome::refuted) return false;
    found_.operations = operations;
    found_.initial = initial_;
    found_.stuck = frame.barriers()[refuter->last()].operation;
    found_.last = refuter->configurations(refuter->last());
    return true;
  }

  /// Cuts off what the last contradiction did not need: everything after its stuck return.
  void cut() {
    std::uint32_t end = found_.operations[found_.stuck].returned;
    Operations kept;
    for (Operation operation : found_.operations) {
      if (operation.invoked > end) break;
      if (operation.returned > end) operation.returned = open_end;
      if (!operation.crashed() || !model_.observes(operation.call)) kept.push_back(operation);
    }
    if (kept.size() < found_.operations.size()) contradicts(kept);
  }

  /// Tries every single move until none helps.
  void minimise() {
    for (bool changed = true; changed && !budget_.over(0);) {
      changed = false;
      cut();
      for (std::size_t i = 0; i < found_.operations.size() && !budget_.over(0); ++i) {
        if (i == found_.stuck) continue;
        Operations fewer = found_.operations;
        if (model_.observes(fewer[i].call)) {
          fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        } else if (!fewer[i].crashed()) {
          fewer[i].returned = open_end;
        } else {
          continue;
        }
        changed |= contradicts(fewer);
      }
    }
  }

  void prune(const Datatype& datatype) {
    Operations fewer = found_.operations;
    datatype.prune(fewer);
    if (fewer.size() < found_.operations.size()) contradicts(fewer);
  }

  Contradiction take() { return std::move(found_); }

 private:
  Model& model_;
  std::vector<StateId> initial_;
  Budget budget_;
  Contradiction found_;
};

/// Every state that the calls invoked before `end` can reach from the initial one.
std::vector<StateId> reachable(Model& model, std::span<const Operation> operations,
                               std::uint32_t end) {
  auto later = std::find_if(operations.begin(), operations.end(),
                            [&](const Operation& o) { return o.invoked > end; });
  operations = operations.first(static_cast<std::size_t>(later - operations.begin()));
  Calls calls(operations, [&](const Call& call) { return model.observes(call); });
  std::vector<StateId> states{model.initial()};
  std::vector<bool> seen{};
  auto fresh = [&](StateId state) {
    if (seen.size() <= state) seen.resize(state + 1);
    bool was = seen[state];
    seen[state] = true;
    return !was;
  };
  fresh(states[0]);
  for (std::size_t i = 0; i < states.size(); ++i) {
    for (const Call& call : calls.classes) {
      StateId next = model.step(states[i], call);
      if (next != impossible && fresh(next)) states.push_back(next);
    }
  }
  return states;
}

/// What there is when the budget does not allow to look at the window again.
Contradiction unreduced(std::span<const Operation> operations, const Refutation& refutation,
                        const Operations& window) {
  Contradiction whole;
  whole.operations = window;
  std::uint32_t invoked = operations[refutation.layers.back().operation].invoked;
  while (window[whole.stuck].invoked != invoked) ++whole.stuck;
  return whole;
}

}  // namespace

Contradiction reduce(std::span<const Operation> operations, const Refutation& refutation,
                     const Datatype& datatype, Model& model, const Budget& budget) {
  std::uint32_t begin = refutation.after;
  std::uint32_t end = operations[refutation.layers.back().operation].returned;
  Operations window;
  for (Operation operation : operations) {
    if (operation.invoked > end || operation.returned < begin) continue;
    if (operation.invoked < begin || operation.returned > end) operation.returned = open_end;
    if (!operation.crashed() || !model.observes(operation.call)) window.push_back(operation);
  }
  std::vector<StateId> initial{model.initial()};
  if (refutation.from != 0) initial = reachable(model, operations, end);
  Reducer reducer(model, std::move(initial), budget);
  if (!reducer.contradicts(window)) return unreduced(operations, refutation, window);
  reducer.minimise();
  reducer.prune(datatype);
  return reducer.take();
}

}  // namespace sunder::linearizable
