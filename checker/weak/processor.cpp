// Processor consistency: PRAM whose sessions agree on the order of each key's writes.

#include "checker/weak/decide.h"
#include "checker/weak/one_order/sequential_order.h"
#include "checker/weak/processor/views.h"

namespace sunder::weak {

// What is sequential has it, and what is not PRAM or not coherent has it not; these are decided in
// about linear time. What is between takes a search that compares all pairs of operations.
Finding decide_processor(const Registers& registers, const Limits& limits) {
  using Clock = std::chrono::steady_clock;
  Limits share = limits;  // the first attempt may not take all the time
  if (limits.deadline != Clock::time_point::max()) {
    share.deadline = Clock::now() + (limits.deadline - Clock::now()) / 3;
  }
  if (one_order::finds_sequential_order(registers, share)) return Finding{};
  Finding pram = decide_pram(registers, limits);
  if (pram.outcome == Outcome::refuted) return pram;
  Finding cache = decide_cache(registers, limits);
  if (cache.outcome == Outcome::refuted) {
    cache.circle.clear();  // of the blocks of a key, not of operations
    cache.reason = "The sessions cannot agree on one order of the writes of a key.";
    return cache;
  }
  return processor::decide_by_views(registers, limits);
}

}  // namespace sunder::weak
