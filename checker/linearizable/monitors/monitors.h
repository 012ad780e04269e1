#pragma once
// Exact decisions in near-linear time for histories in which every value is put in only once. Where
// a history is of another kind the answer is `undecided`, and the general search must judge it.
//
// An instant lies between two positions of the history, and is named by the position before it.

#include <span>

#include "checker/linearizable/decision.h"

namespace sunder::linearizable {

/// Registers with read, write and cas (register_verb) that begin with the value `initial`. Gibbons
/// and Korach, Testing Shared Memories (SIAM J. Comput. 1997), section 4.2, for reads and writes; a
/// successful cas ties its value to the one it found, and the tied values move as one block.
Decision register_monitor(std::span<const Operation> operations, std::int32_t initial,
                          bool wants_order);

/// Sets (set_verb) without reads of all elements.
Decision set_monitor(std::span<const Operation> operations, bool wants_order);

/// Counters (counter_verb) to which only one number is added, and locks without owners (lock_verb)
/// that so many can hold. These find a linearization where there is one, with its order; otherwise
/// they leave the refutation to the search, as no small pattern is known.
Decision counter_monitor(std::span<const Operation> operations, std::int64_t initial);
Decision lock_monitor(std::span<const Operation> operations, std::int64_t places);

/// Containers (container_verb). FIFO queues by the bad patterns of Bouajjani, Emmi, Enea and Hamza,
/// On Reducing Linearizability to State Reachability (ICALP 2015).
Decision queue_monitor(std::span<const Operation> operations, bool wants_order);
/// Stacks by removing values one after the other: Lee and Mathur, Efficient Decrease-and-Conquer
/// Linearizability Monitoring (OOPSLA 2025).
Decision stack_monitor(std::span<const Operation> operations, bool wants_order);
/// Priority queues by a sweep over the history: Lee and Mathur, as above.
Decision priority_queue_monitor(std::span<const Operation> operations, bool wants_order);

}  // namespace sunder::linearizable
