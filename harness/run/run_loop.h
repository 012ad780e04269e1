#pragma once
// The run loop: written once, for every world.

#include <atomic>
#include <functional>

#include "harness/api/test.h"
#include "harness/api/world.h"
#include "harness/core/history.h"

namespace sunder {

/// Who listens to a run. Empty functions are not called.
struct RunHooks {
  std::function<void(const Op&)> record;  // every op, an invocation before its request leaves
  std::function<void(const std::string&)> log;  // what the generator has to say
  const std::atomic<bool>* interrupted = nullptr;  // set: ask for no more ops and return
};

/// Plays test.generator against the world until it is exhausted and every op has completed (or an
/// interrupt). Completions are taken before new ops are asked for; an invocation's time is taken
/// before it is dispatched; a client thread whose op ended `info` goes on under a new process.
History run(const Test& test, World& world, const RunHooks& hooks);

}  // namespace sunder
