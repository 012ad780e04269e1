#pragma once
// Sequential specifications: what a datatype does when its calls come one after the other.

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "checker/linearizable/call.h"
#include "harness/core/value.h"

namespace sunder::linearizable {

/// A state of a model, as a number that only this model can read. Equal states have equal numbers.
using StateId = std::uint32_t;
inline constexpr StateId impossible = UINT32_MAX;

/// A specification as the search sees it. Not safe for use by several threads: each partition has
/// its own.
class Model {
 public:
  virtual ~Model() = default;
  virtual StateId initial() = 0;
  /// The state after the call; `impossible` when the call cannot give its answer in this state.
  virtual StateId step(StateId state, const Call& call) = 0;
  /// True when the call never changes any state, whatever it answers.
  virtual bool observes(const Call& call) const = 0;
  /// The state for people and for certificates: different states have different values.
  virtual Value describe(StateId state) const = 0;
  /// How many numbers are in use, and about how many bytes they keep.
  virtual std::size_t states() const = 0;
  virtual std::size_t bytes() const = 0;
};

/// What a specification is written as: plain states and a pure step. `Hash` of the state is found
/// as hash_of(state), here for numbers, for lists of numbers and for texts.
template <class S>
concept Specification = std::equality_comparable<typename S::State> &&
    requires(const S spec, const typename S::State state, const Call call) {
  { spec.initial() } -> std::same_as<typename S::State>;
  { spec.step(state, call) } -> std::same_as<std::optional<typename S::State>>;
  { spec.observes(call) } -> std::same_as<bool>;
  { spec.describe(state) } -> std::same_as<Value>;
};

// Words must be mixed in one at a time: mix(a, b) alone is the same for all pairs of one a ^ b.
inline std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9fb21c651e98df25u;
  return hash ^ (hash >> 32);
}
inline std::uint64_t hash_of(std::int64_t state) {
  return mix(0, static_cast<std::uint64_t>(state));
}
inline std::uint64_t hash_of(const std::vector<std::int32_t>& state) {
  std::uint64_t hash = state.size();
  for (std::int32_t item : state) hash = mix(hash, static_cast<std::uint32_t>(item));
  return hash;
}
inline std::uint64_t hash_of(const std::string& state) {
  return std::hash<std::string_view>{}(state);  // looked up only
}
inline std::size_t bytes_of(std::int64_t) { return 0; }
inline std::size_t bytes_of(const std::string& state) { return state.capacity(); }
inline std::size_t bytes_of(const std::vector<std::int32_t>& state) {
  return state.capacity() * sizeof(std::int32_t);
}

/// Gives the states of a specification their numbers.
template <Specification S>
class ModelOf final : public Model {
 public:
  using State = typename S::State;

  explicit ModelOf(S spec) : spec_(std::move(spec)) {}

  StateId initial() override { return intern(spec_.initial()); }
  StateId step(StateId state, const Call& call) override {
    std::optional<State> next = spec_.step(*states_[state], call);
    if (!next) return impossible;
    return spec_.observes(call) ? state : intern(std::move(*next));
  }
  bool observes(const Call& call) const override { return spec_.observes(call); }
  Value describe(StateId state) const override { return spec_.describe(*states_[state]); }
  std::size_t states() const override { return states_.size(); }
  std::size_t bytes() const override { return bytes_ + states_.size() * (sizeof(State) + 48); }

 private:
  struct Hash {
    std::size_t operator()(const State& state) const {
      return static_cast<std::size_t>(hash_of(state));
    }
  };

  StateId intern(State&& state) {
    auto [at, fresh] = ids_.try_emplace(std::move(state), static_cast<StateId>(states_.size()));
    if (fresh) {
      states_.push_back(&at->first);
      bytes_ += bytes_of(at->first);
    }
    return at->second;
  }

  S spec_;
  std::unordered_map<State, StateId, Hash> ids_;  // looked up only
  std::vector<const State*> states_;              // keys of ids_, which stay where they are
  std::size_t bytes_ = 0;
};

}  // namespace sunder::linearizable
