#pragma once
// The slowest and plainest decision of linearizability: every order is tried.

#include <span>

#include "checker/linearizable/call.h"
#include "checker/linearizable/model.h"

namespace sunder::testing_support {

/// Herlihy and Wing's definition, word for word, by trying all orders. For some ten operations.
bool linearizable_by_trying(linearizable::Model& model,
                            std::span<const linearizable::Operation> operations);

/// Whether `order` (indexes of operations) is a linearization: legal in the model, within every
/// operation's interval, with every completed operation once and crashed ones at most once.
bool is_linearization(linearizable::Model& model,
                      std::span<const linearizable::Operation> operations,
                      std::span<const std::uint32_t> order);

}  // namespace sunder::testing_support
