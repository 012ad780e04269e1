#pragma once
// Decides one partition: a linearization, a refutation, or how far it got.

#include <map>
#include <string>
#include <vector>

#include "checker/linearizable/budget.h"
#include "checker/linearizable/decision.h"
#include "checker/linearizable/refuter.h"

namespace sunder::linearizable {

/// A proof that the operations cannot be put in order: whatever the state was before return
/// `from`, no way of placing calls passes return `to`.
struct Refutation {
  std::uint32_t from = 0;  // 0: from the initial state; else from every state that calls can reach
  std::uint32_t to = 0;
  std::uint32_t after = 0;  // position of the history behind return from - 1; 0: the beginning
  bool counted = true;  // false: refuted even if every crashed call could be used again and again
  /// The configurations just before each return from `from` to `to`.
  struct Layer {
    std::uint32_t operation = 0;  // the one that returns
    std::vector<Configuration> configurations;
  };
  std::vector<Layer> layers;
  std::map<StateId, Value> state_values;      // of every configuration's state
  std::vector<std::uint32_t> crash_examples;  // an operation of each crash class
};

struct EngineResult {
  using Outcome = Decision::Outcome;
  Outcome outcome = Outcome::undecided;
  std::vector<std::uint32_t> order;  // a linearization
  Refutation refutation;
  std::uint32_t passed = 0;  // returns that some order passes
  std::uint32_t returns = 0;
  std::uint64_t steps = 0;
  std::string reason;  // of undecided
};

/// Searches depth first for a linearization; where that stalls, breadth first for the proof that
/// there is none: first in a short stretch around the return that could not be passed, from every
/// state that could be reached at all, then in longer ones, at last from the beginning.
EngineResult decide(std::span<const Operation> operations, Model& model, const Budget& budget);

}  // namespace sunder::linearizable
