#pragma once
// How an operation ended, as a client says it.

#include <string>
#include <utility>

#include "harness/core/op.h"

namespace sunder {

struct Outcome {
  Phase phase = Phase::info;  // ok, fail or info
  Value value;                // of an ok: the op's value with the answer filled in
  std::string why;            // of a fail or info

  static Outcome ok(Value value) { return {Phase::ok, std::move(value), {}}; }
  /// REQUIRES: the operation surely had no effect and never will.
  static Outcome fail(std::string why) { return {Phase::fail, {}, std::move(why)}; }
  static Outcome info(std::string why) { return {Phase::info, {}, std::move(why)}; }
};

}  // namespace sunder
