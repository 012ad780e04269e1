#pragma once
// Which calls are pending at each return of a history: the frame in which the search moves.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "checker/linearizable/search_model.h"
#include "harness/core/assert.h"

namespace sunder::linearizable {

/// A cursor over the returns ("barriers") of a partition's operations. Each pending definite call
/// owns a slot; crashed calls are counted by class, a class being a set of equal calls. Crashed
/// calls that only observe are left out: they tell nothing.
class Timeline {
 public:
  static constexpr std::size_t nobody = SIZE_MAX;

  /// REQUIRES: operations in order of invocation, positions pairwise different.
  template <class Call, class Observes>
  Timeline(std::span<const Operation<Call>> operations, Observes observes) {
    for (std::size_t i = 0; i < operations.size(); ++i) {
      const Operation<Call>& operation = operations[i];
      if (!operation.crashed()) {
        add_definite(i, operation.invoked, operation.returned);
      } else if (!observes(operation.call)) {
        std::size_t cls = 0;
        while (cls < classes_.size() && !(operations[classes_[cls]].call == operation.call)) ++cls;
        if (cls == classes_.size()) classes_.push_back(i);
        add_crashed(i, operation.invoked, cls);
      }
    }
    build(operations.size());
  }

  std::size_t barriers() const { return barriers_.size(); }
  std::size_t barrier_operation(std::size_t barrier) const { return barriers_[barrier].operation; }
  std::size_t slots() const { return owner_.size(); }
  std::size_t slot_of(std::size_t operation) const { return slot_[operation]; }
  /// One representative operation of each class of crashed calls.
  const std::vector<std::size_t>& classes() const { return classes_; }

  /// Moves the cursor; the cost is the distance.
  void move_to(std::size_t barrier) {
    while (at_ < barrier) forward();
    while (at_ > barrier) backward();
  }
  /// The definite call pending in a slot at the cursor, or nobody.
  std::size_t owner(std::size_t slot) const { return owner_[slot]; }
  /// Crashed calls of a class that were invoked before the cursor's barrier.
  std::size_t available(std::size_t cls) const { return available_[cls]; }

 private:
  struct Begin {
    std::size_t operation;
    std::uint64_t invoked;
    std::size_t cls;  // nobody: definite
  };
  struct Barrier {
    std::size_t operation;
    std::uint64_t returned;
    std::size_t begins_end;  // calls in begins_ that are invoked before this barrier
  };

  void add_definite(std::size_t operation, std::uint64_t invoked, std::uint64_t returned);
  void add_crashed(std::size_t operation, std::uint64_t invoked, std::size_t cls);
  void build(std::size_t operations);
  void enter(std::size_t barrier);  // the calls that are new at a barrier
  void forward();
  void backward();

  std::vector<Begin> begins_;      // in order of invocation
  std::vector<Barrier> barriers_;  // in order of return
  std::vector<std::size_t> slot_;  // by operation
  std::vector<std::size_t> classes_;
  std::size_t at_ = 0;
  std::vector<std::size_t> owner_;
  std::vector<std::size_t> available_;
};

}  // namespace sunder::linearizable
