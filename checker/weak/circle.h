#pragma once
// Whether constraints leave an order, and a short circle of them where they do not.

#include <optional>
#include <span>
#include <vector>

#include "checker/weak/finding.h"
#include "checker/weak/history.h"

namespace sunder::weak {

/// Which orders a circle may use beside the constraints given.
struct BaseOrder {
  bool causal = true;      // session order and reads-from
  bool real_time = false;  // of all pairs of operations
};

/// A circle among the base order and the constraints, a short one where one is soon found; nothing
/// when all of them together are acyclic. Linear, but for the search for a short circle, which is
/// bounded. A constraint whose `after` is `initial` is a circle with the virtual write itself.
std::optional<std::vector<Constraint>> find_circle(const Registers& registers,
                                                   std::span<const Constraint> constraints,
                                                   BaseOrder base);

/// The operations on a shortest way from one operation to another along session order and
/// reads-from, both included; empty when there is none.
std::vector<Index> causal_way(const Registers& registers, Index from, Index to);

/// Sorted, without duplicates, and with the sources of all reads.
std::vector<Index> closed(const Registers& registers, std::vector<Index> operations);

}  // namespace sunder::weak
