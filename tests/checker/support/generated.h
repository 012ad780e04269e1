#pragma once
// Histories of a correct register, made by one: linearizable by construction.

#include <map>
#include <vector>

#include "harness/core/history.h"
#include "harness/core/rng.h"

namespace sunder::testing_support {

struct GeneratedLoad {
  std::size_t operations = 6000;
  int concurrency = 10;
  std::int64_t keys = 60;
  std::int64_t values = 5;  // 0: every written value is used once
  Ratio crash{1, 100};      // of operations
};

/// Threads call a real map of registers in random turns; the effect of a call falls anywhere
/// between its invocation and its completion, that of a crashed one at any later time or never.
inline History generate_register_history(std::uint64_t seed, const GeneratedLoad& load) {
  struct Thread {
    Op op;
    bool busy = false;
    bool applied = false;
    Phase outcome = Phase::ok;
  };
  Rng rng(seed, Stream::of("generated-history"));
  HistoryBuilder builder;
  std::map<std::int64_t, Value> registers;
  std::vector<Thread> threads(static_cast<std::size_t>(load.concurrency));
  std::vector<Thread> ghosts;  // crashed before their effect
  for (int i = 0; i < load.concurrency; ++i) threads[static_cast<std::size_t>(i)].op.process.id = i;
  std::int64_t written = 0;
  std::int64_t now = 0;
  std::size_t invoked = 0;
  auto apply = [&](Thread& thread) {
    std::int64_t key = thread.op.value.list()[0].integer();
    Value& argument = thread.op.value.list()[1];
    Value& held = registers[key];
    thread.applied = true;
    if (thread.op.verb == "read") {
      argument = held;
    } else if (thread.op.verb == "write") {
      held = argument;
    } else if (held == argument.list()[0]) {
      held = argument.list()[1];
    } else {
      thread.outcome = Phase::fail;
    }
  };
  auto fresh = [&] { return load.values == 0 ? ++written : rng.between(0, load.values - 1); };
  auto invoke = [&](Thread& thread) {
    std::int64_t key = rng.between(0, load.keys - 1);
    Value argument;
    switch (rng.below(4)) {
      case 0: {
        thread.op.verb = "cas";
        Value expected = load.values == 0 ? registers[key] : Value(fresh());
        argument = Value::pair(std::move(expected), fresh());
        break;
      }
      case 1:
        thread.op.verb = "write";
        argument = fresh();
        break;
      default: thread.op.verb = "read";
    }
    thread.op.value = Value::pair(key, std::move(argument));
    thread.op.phase = Phase::invoke;
    thread.op.error.clear();
    thread.busy = true;
    thread.applied = false;
    thread.outcome = Phase::ok;
    ++invoked;
    builder.add(thread.op);
  };
  auto end = [&](Thread& thread, bool crashed) {
    thread.op.phase = crashed ? Phase::info : thread.outcome;
    if (crashed) thread.op.error = "timed out";
    if (!crashed && thread.outcome == Phase::fail) thread.op.error = "compare failed";
    builder.add(thread.op);
    if (crashed && !thread.applied) ghosts.push_back(thread);
    if (crashed) thread.op.process.id += load.concurrency;
    thread.busy = false;
  };
  while (invoked < load.operations) {
    now += rng.between(1, 1'000'000);
    if (!ghosts.empty() && rng.chance({1, 50})) {
      std::size_t at = rng.below(ghosts.size());
      if (rng.chance({1, 2})) apply(ghosts[at]);
      ghosts.erase(ghosts.begin() + static_cast<std::ptrdiff_t>(at));
    }
    Thread& thread = threads[rng.below(threads.size())];
    thread.op.time = instant_at(now);
    if (!thread.busy) {
      invoke(thread);
    } else if (rng.chance({load.crash.numerator, load.crash.denominator * 2})) {
      end(thread, true);
    } else if (!thread.applied) {
      apply(thread);
    } else {
      end(thread, false);
    }
  }
  return builder.take();
}

}  // namespace sunder::testing_support
