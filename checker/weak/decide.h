#pragma once
// The decision of each model, by the file that makes it. Definitions: models.cpp.

#include "checker/weak/finding.h"
#include "checker/weak/history.h"

namespace sunder::weak {

// real_time.cpp: linear sweeps, and for linearizable the monitor of registers.
Finding decide_linearizable(const Registers& registers, const Limits& limits);
Finding decide_regular(const Registers& registers, const Limits& limits);
Finding decide_safe(const Registers& registers, const Limits& limits);
Finding decide_bounded_staleness(const Registers& registers, const Limits& limits);
Finding decide_eventual(const Registers& registers, const Limits& limits);

// causal.cpp: clocks, and one search for a circle.
Finding decide_causal(const Registers& registers, const Limits& limits);
Finding decide_causal_convergence(const Registers& registers, const Limits& limits);
Finding decide_real_time_causal(const Registers& registers, const Limits& limits);

// per_session.cpp: a fixed point for each session.
Finding decide_causal_memory(const Registers& registers, const Limits& limits);
Finding decide_pram(const Registers& registers, const Limits& limits);

// per_key.cpp: circles among the blocks of a key.
Finding decide_cache(const Registers& registers, const Limits& limits);
Finding decide_slow(const Registers& registers, const Limits& limits);

// session_guarantees.cpp
Finding decide_read_your_writes(const Registers& registers, const Limits& limits);
Finding decide_monotonic_reads(const Registers& registers, const Limits& limits);
Finding decide_monotonic_writes(const Registers& registers, const Limits& limits);
Finding decide_writes_follow_reads(const Registers& registers, const Limits& limits);

// one_order.cpp and processor.cpp: saturation, then search; unknown past the limits.
Finding decide_ordered_sequential(const Registers& registers, const Limits& limits);
Finding decide_sequential(const Registers& registers, const Limits& limits);
Finding decide_consistent_prefix(const Registers& registers, const Limits& limits);
Finding decide_processor(const Registers& registers, const Limits& limits);

}  // namespace sunder::weak
