#pragma once
// The figures of staleness that a report draws.

#include <span>
#include <vector>

#include "checker/staleness/bounds.h"
#include "checker/staleness/faults.h"
#include "harness/core/value.h"

namespace sunder::staleness {

/// How stale some reads were: {reads, stale, stale_per_million, from_future, versions, time}, the
/// last two as distribution() has them: of Bound::newer and Bound::stale_for (ns).
Value staleness_figures(std::span<const Bound> bounds);

/// {all, faults: {kind: ...}, no_fault, after_quiet} with staleness_figures() of the reads that
/// were invoked while a fault of the kind was on, while none was, and after watch.quiet(), where
/// there was anything before it to recover from.
Value by_fault(const Registers& registers, const std::vector<Bound>& bounds,
               const FaultWatch& watch);

/// How far behind reads were in the course of the run: [{begin, end (ns), reads, stale, p50, p99,
/// max (of Bound::stale_for, ns)}], at most 100 stretches of equal length, without empty ones.
Value lag_over_time(const Registers& registers, const std::vector<Bound>& bounds);

/// How likely a read misses a write of a certain age, after the probabilistically bounded
/// staleness of Bailis et al. (VLDB 2012): [{from, to (ns of Bound::age), reads, missed,
/// missed_per_million}]. Reads before any write was done are not counted.
Value missed_by_age(const std::vector<Bound>& bounds);

/// What the sessions of each process saw: [{process, reads, stale, versions_max, time_max (ns)}],
/// the most stale ones first, at most 50. `processes` is by session.
Value by_process(const Registers& registers, const std::vector<Bound>& bounds,
                 std::span<const std::int32_t> processes);

}  // namespace sunder::staleness
