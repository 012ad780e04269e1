#pragma once
// A model's steps, remembered.

#include <vector>

#include "checker/linearizable/call.h"
#include "checker/linearizable/model.h"

namespace sunder::linearizable {

/// step() of a model by classes of calls. What a class does to a state is asked once, as far as the
/// table stays small.
class Stepper {
 public:
  Stepper(Model& model, const std::vector<Call>& classes) : model_(model), classes_(classes) {}

  StateId step(StateId state, std::uint32_t cls) {
    std::size_t at = state * classes_.size() + cls;
    if (at < table_.size() && table_[at] != unasked) return table_[at];
    return ask(state, cls, at);
  }
  Model& model() { return model_; }
  std::size_t bytes() const { return table_.capacity() * sizeof(StateId) + model_.bytes(); }

 private:
  static constexpr StateId unasked = UINT32_MAX - 1;
  static constexpr std::size_t table_limit = std::size_t{1} << 22;

  StateId ask(StateId state, std::uint32_t cls, std::size_t at) {
    StateId next = model_.step(state, classes_[cls]);
    if (at >= table_.size() && at < table_limit) {
      std::size_t rows = (at / classes_.size() + 1) * 2;
      table_.resize(std::min(rows * classes_.size(), table_limit), unasked);
    }
    if (at < table_.size()) table_[at] = next;
    return next;
  }

  Model& model_;
  const std::vector<Call>& classes_;
  std::vector<StateId> table_;  // rows of one state each
};

}  // namespace sunder::linearizable
