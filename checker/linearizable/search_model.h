#pragma once
// What the linearizability search must know of a datatype, and of what was done to it.

#include <concepts>
#include <cstdint>
#include <optional>

#include "harness/core/history.h"

namespace sunder::linearizable {

/// A sequential specification. The search needs nothing more.
template <class M>
concept Model = std::equality_comparable<typename M::Call> &&
    std::totally_ordered<typename M::State> &&
    requires(const M model, const typename M::State state, const typename M::Call call) {
  { model.initial() } -> std::same_as<typename M::State>;
  // The state after the call; nullopt when the call, with its answer, is impossible here.
  { model.step(state, call) } -> std::same_as<std::optional<typename M::State>>;
  // True when the call never changes any state: it may be placed wherever it is legal.
  { model.observes(call) } -> std::same_as<bool>;
  // Calls of different partitions never influence each other (Horn and Kroening, FORTE 2015).
  { model.partition(call) } -> std::totally_ordered;
};

/// One call between its invocation and its return, by the positions of both in the history.
template <class Call>
struct Operation {
  Call call;
  std::uint64_t invoked = 0;
  std::uint64_t returned = no_op;    // no_op: crashed, may take effect at any later time, or never
  std::uint64_t completion = no_op;  // also of a crashed call that was answered "info"
  Process process;
  Instant invoked_at;
  Instant returned_at = never;

  bool crashed() const { return returned == no_op; }
};

}  // namespace sunder::linearizable
