#pragma once
// What a decision about one model is, and why.

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "checker/weak/history.h"

namespace sunder::weak {

enum class Outcome : std::uint8_t { holds, refuted, unknown };

/// Why one operation stands before another in every order that the model allows.
enum class Why : std::uint8_t {
  session,      // it came earlier in the session
  reads_from,   // `after` read what `before` wrote
  real_time,    // it returned before the other was invoked
  overwritten,  // `because` read `after`, though `before` wrote the same key and was visible to it
  antidependency,  // `before` read a value that `after` overwrites: an older one than `after`
  causality,       // by session order and reads-from together
};

struct Constraint {
  Index before = initial;
  Index after = initial;
  Why why = Why::session;
  Index because = initial;  // of `overwritten`: the read
};

struct Finding {
  Outcome outcome = Outcome::holds;
  /// Of a refutation: operations that cannot be explained, ascending, with the source of each read
  /// among them, so that the history restricted to them is refuted too.
  std::vector<Index> core;
  /// Of a refutation, where there is one: constraints in a circle, each one's `after` being the
  /// next one's `before`. The virtual first write may stand in it.
  std::vector<Constraint> circle;
  /// Of a refutation without a circle: what is wrong, a whole sentence. Of unknown: why.
  std::string reason;
};

/// Past them a decision is unknown.
struct Limits {
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::size_t memory = std::size_t{4} << 30;  // bytes
  const std::atomic<bool>* stop = nullptr;    // null: never stopped
  std::chrono::nanoseconds staleness{0};      // the bound of bounded staleness

  bool over() const {
    return (stop != nullptr && stop->load()) || std::chrono::steady_clock::now() >= deadline;
  }
};

}  // namespace sunder::weak
