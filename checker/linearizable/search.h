#pragma once
// The search for a linearization, after Wing and Gong (JPDC 1993), Lowe ("Testing for
// linearizability", 2017) and Horn and Kroening (FORTE 2015).
//
// 1. A barrier is the return of a call that surely took effect; barriers are passed in the order of
//    the history, each only when its call has been placed. Hence a configuration needs only: the
//    next barrier, which of the calls pending there have been placed (one bit a slot), how many of
//    the crashed calls have been used, and the state.
// 2. A call that never changes a state is placed as soon as it is legal. Moving it earlier harms no
//    other call.
// 3. Crashed calls that are equal are counted, not told apart, and one is placed only where it
// changes
//    the state. A configuration that agrees with an earlier one but has used up at least as many
//    crashed calls can do nothing that the earlier one could not, and is not searched again.
// 4. When no configuration passes the last barrier, every reachable configuration has been seen.
// Those
//    at the furthest barrier reached are the proof: none of them can place the barrier's call.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <map>
#include <span>
#include <vector>

#include "checker/linearizable/search_model.h"
#include "checker/linearizable/timeline.h"
#include "harness/core/assert.h"

namespace sunder::linearizable {

/// When to give up. Past a limit the search answers `gave_up`, never a verdict.
struct Limits {
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::size_t memory = std::size_t{1} << 30;  // bytes of configurations
  const std::atomic<bool>* stop = nullptr;
};

enum class Outcome : std::uint8_t { linearizable, not_linearizable, gave_up };

/// Where a search stood: the state, and the calls pending at the barrier that it had placed.
template <class State>
struct Configuration {
  State state;
  std::vector<std::size_t> placed;  // positions in the searched operations
};

template <class State>
struct SearchResult {
  Outcome outcome = Outcome::linearizable;
  std::size_t configurations = 0;  // visited
  std::size_t passed = 0;          // returns that some configuration passed
  std::size_t returns = 0;         // in all
  std::size_t stuck = 0;           // when not linearizable: the operation that cannot be placed
  std::vector<Configuration<State>> last;  // the configurations that met it, at most 64
};

/// One search over the operations of one partition, in order of invocation. Single use.
template <Model M>
class Search {
 public:
  using State = typename M::State;
  using Call = typename M::Call;
  using Operations = std::span<const Operation<Call>>;

  /// The operations must outlive the search; the register may begin in any of the states given.
  Search(const M& model, Operations operations, std::span<const State> initial,
         const Limits& limits)
      : model_(model),
        operations_(operations),
        limits_(limits),
        timeline_(operations, [&](const Call& call) { return model.observes(call); }),
        mask_words_((timeline_.slots() + 63) / 64),
        used_words_((timeline_.classes().size() + 3) / 4),
        stride_(1 + mask_words_ + used_words_),
        scratch_(stride_) {
    table_.assign(64, none);
    for (const State& state : initial) add_root(state);
  }

  SearchResult<State> run() {
    SearchResult<State> result;
    result.returns = timeline_.barriers();
    while (!finished_ && !stack_.empty()) {
      if ((++steps_ & 255) == 0 && over_limit()) {
        result.outcome = Outcome::gave_up;
        break;
      }
      advance_top();
    }
    if (overflow_ && !finished_) result.outcome = Outcome::gave_up;
    result.configurations = count_;
    result.passed = furthest_;
    if (finished_) {
      result.passed = timeline_.barriers();
    } else if (result.outcome != Outcome::gave_up) {
      result.outcome = Outcome::not_linearizable;
      result.stuck = timeline_.barrier_operation(furthest_);
      for (std::uint32_t at : furthest_configurations_) result.last.push_back(describe(at));
    }
    return result;
  }

 private:
  static constexpr std::uint32_t none = UINT32_MAX;
  static constexpr std::size_t last_limit = 64;
  static constexpr std::uint64_t used_limit = 0xffff;  // what 16 bits can count

  struct Frame {
    std::uint32_t configuration;
    std::uint32_t candidate;  // the next one to try
  };

  // A configuration is stride_ words: barrier and state, the placed bits, the used counts.
  std::uint64_t* words(std::uint32_t at) { return arena_.data() + at * stride_; }
  static std::uint32_t barrier_of(const std::uint64_t* w) {
    return static_cast<std::uint32_t>(w[0] >> 32);
  }
  State state_of(const std::uint64_t* w) const { return state(static_cast<std::uint32_t>(w[0])); }
  static void set_head(std::uint64_t* w, std::uint32_t barrier, std::uint32_t state_id) {
    w[0] = std::uint64_t{barrier} << 32 | state_id;
  }
  static bool placed(const std::uint64_t* w, std::size_t slot) {
    return (w[1 + slot / 64] >> (slot % 64) & 1) != 0;
  }
  std::uint64_t used(const std::uint64_t* w, std::size_t cls) const {
    return w[1 + mask_words_ + cls / 4] >> (16 * (cls % 4)) & 0xffff;
  }

  // States by small numbers. 32-bit integers are their own.
  std::uint32_t id_of(const State& wanted) {
    if constexpr (std::same_as<State, std::int32_t>) {
      return static_cast<std::uint32_t>(wanted);
    } else {
      auto [at, fresh] = state_ids_.try_emplace(wanted, static_cast<std::uint32_t>(states_.size()));
      if (fresh) states_.push_back(wanted);
      return at->second;
    }
  }
  State state(std::uint32_t id) const {
    if constexpr (std::same_as<State, std::int32_t>) {
      return static_cast<std::int32_t>(id);
    } else {
      return states_[id];
    }
  }

  void add_root(const State& initial) {
    std::fill(scratch_.begin(), scratch_.end(), 0);
    set_head(scratch_.data(), 0, id_of(initial));
    timeline_.move_to(0);
    settle();
    insert();
  }

  // Tries the next candidate of the configuration on top of the stack.
  void advance_top() {
    Frame& frame = stack_.back();
    const std::uint64_t* w = words(frame.configuration);
    std::uint32_t barrier = barrier_of(w);
    timeline_.move_to(barrier);
    std::size_t slots = timeline_.slots();
    std::size_t candidate = frame.candidate++;
    if (candidate == 0) {
      try_slot(w, timeline_.slot_of(timeline_.barrier_operation(barrier)));
    } else if (candidate <= slots) {
      std::size_t slot = candidate - 1;
      std::size_t operation = timeline_.owner(slot);
      if (operation != Timeline::nobody && operation != timeline_.barrier_operation(barrier)) {
        try_slot(w, slot);
      }
    } else if (candidate <= slots + timeline_.classes().size()) {
      try_crashed(w, candidate - slots - 1);
    } else {
      stack_.pop_back();
    }
  }

  void try_slot(const std::uint64_t* w, std::size_t slot) {
    const Call& call = operations_[timeline_.owner(slot)].call;
    // An observation that was legal has been placed already.
    if (placed(w, slot) || model_.observes(call)) return;
    std::optional<State> next = model_.step(state_of(w), call);
    if (!next) return;
    std::copy_n(w, stride_, scratch_.begin());
    scratch_[1 + slot / 64] |= std::uint64_t{1} << (slot % 64);
    set_head(scratch_.data(), barrier_of(w), id_of(*next));
    settle();
    insert();
  }

  void try_crashed(const std::uint64_t* w, std::size_t cls) {
    if (used(w, cls) >= timeline_.available(cls)) return;
    if (used(w, cls) == used_limit) {
      overflow_ = true;
      return;
    }
    const Call& call = operations_[timeline_.classes()[cls]].call;
    State before = state_of(w);
    std::optional<State> next = model_.step(before, call);
    if (!next || *next == before) return;
    std::copy_n(w, stride_, scratch_.begin());
    scratch_[1 + mask_words_ + cls / 4] += std::uint64_t{1} << (16 * (cls % 4));
    set_head(scratch_.data(), barrier_of(w), id_of(*next));
    settle();
    insert();
  }

  // Places what may be placed without choice and passes every barrier that is then open.
  void settle() {
    std::uint64_t* w = scratch_.data();
    State now = state_of(w);
    std::uint32_t barrier = barrier_of(w);
    for (;; ++barrier, timeline_.move_to(barrier)) {
      for (std::size_t slot = 0; slot < timeline_.slots(); ++slot) {
        std::size_t operation = timeline_.owner(slot);
        if (operation == Timeline::nobody || placed(w, slot)) continue;
        const Call& call = operations_[operation].call;
        if (model_.observes(call) && model_.step(now, call)) {
          w[1 + slot / 64] |= std::uint64_t{1} << (slot % 64);
        }
      }
      if (barrier == timeline_.barriers()) break;
      std::size_t slot = timeline_.slot_of(timeline_.barrier_operation(barrier));
      if (!placed(w, slot)) break;
      w[1 + slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
    }
    w[0] = std::uint64_t{barrier} << 32 | (w[0] & UINT32_MAX);
    if (barrier == timeline_.barriers()) finished_ = true;
  }

  // Remembers the configuration in scratch_ and puts it on the stack, unless it is no news.
  void insert() {
    if (finished_) return;
    if (2 * (heads_ + 1) > table_.size()) grow();
    std::uint32_t& head = table_[find(scratch_.data())];
    for (std::uint32_t at = head; at != none; at = chain_[at]) {
      if (dominates(words(at), scratch_.data())) return;
    }
    auto fresh = static_cast<std::uint32_t>(count_++);
    if (head == none) ++heads_;
    chain_.push_back(head);
    head = fresh;
    arena_.insert(arena_.end(), scratch_.begin(), scratch_.end());
    stack_.push_back({fresh, 0});
    std::uint32_t barrier = barrier_of(scratch_.data());
    if (barrier > furthest_) {
      furthest_ = barrier;
      furthest_configurations_.clear();
    }
    if (barrier == furthest_ && furthest_configurations_.size() < last_limit) {
      furthest_configurations_.push_back(fresh);
    }
  }

  bool dominates(const std::uint64_t* early, const std::uint64_t* late) const {
    for (std::size_t cls = 0; cls < timeline_.classes().size(); ++cls) {
      if (used(early, cls) > used(late, cls)) return false;
    }
    return true;
  }

  // The place of a configuration's head (all but the used counts) in the table.
  std::size_t find(const std::uint64_t* w) const {
    std::size_t heads_words = 1 + mask_words_;
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < heads_words; ++i) {
      hash = (hash ^ w[i]) * 0x9fb21c651e98df25u;
      hash ^= hash >> 32;
    }
    std::size_t at = hash & (table_.size() - 1);
    while (table_[at] != none && std::memcmp(arena_.data() + table_[at] * stride_, w,
                                             heads_words * sizeof(std::uint64_t)) != 0) {
      at = (at + 1) & (table_.size() - 1);
    }
    return at;
  }

  void grow() {
    std::vector<std::uint32_t> old(table_.size() * 2, none);
    old.swap(table_);
    for (std::uint32_t head : old) {
      if (head != none) table_[find(words(head))] = head;
    }
  }

  bool over_limit() const {
    if (limits_.stop != nullptr && limits_.stop->load(std::memory_order_relaxed)) return true;
    std::size_t bytes = (arena_.capacity() * sizeof(std::uint64_t)) + (chain_.capacity() * 4) +
                        (table_.size() * 4) + (stack_.capacity() * sizeof(Frame));
    if (bytes > limits_.memory || count_ > none / 2) return true;
    return (steps_ & 4095) == 0 && std::chrono::steady_clock::now() > limits_.deadline;
  }

  Configuration<State> describe(std::uint32_t at) {
    const std::uint64_t* w = words(at);
    timeline_.move_to(barrier_of(w));
    Configuration<State> configuration{state_of(w), {}};
    for (std::size_t slot = 0; slot < timeline_.slots(); ++slot) {
      std::size_t operation = timeline_.owner(slot);
      if (operation != Timeline::nobody && placed(w, slot))
        configuration.placed.push_back(operation);
    }
    return configuration;
  }

  const M& model_;
  Operations operations_;
  Limits limits_;
  Timeline timeline_;
  std::size_t mask_words_;
  std::size_t used_words_;
  std::size_t stride_;
  std::vector<std::uint64_t> scratch_;
  std::vector<std::uint64_t> arena_;
  std::vector<std::uint32_t> chain_;  // earlier configurations with the same head
  std::vector<std::uint32_t> table_;  // open addressing; the newest of each chain
  std::vector<Frame> stack_;
  std::vector<std::uint32_t> furthest_configurations_;
  std::map<State, std::uint32_t> state_ids_;
  std::vector<State> states_;
  std::size_t count_ = 0;
  std::size_t heads_ = 0;
  std::uint32_t furthest_ = 0;
  std::uint64_t steps_ = 0;
  bool finished_ = false;
  bool overflow_ = false;  // some configuration would have used too many equal crashed calls
};

}  // namespace sunder::linearizable
