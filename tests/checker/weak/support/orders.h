#pragma once
// Total orders of operations, found by trying one after another.

#include "tests/checker/weak/support/relation.h"

namespace sunder::weak::support {

/// Whether some total order of `members` contains the relation between them and is legal for the
/// reads in `judged`: the last write of the read's key before it, or else the initial write, is its
/// source.
bool legal_order_exists(const Registers& registers, Set members, const Relation& relation,
                        Set judged);

/// Whether some total order of all operations contains the relation, and the source of each read
/// is the last write of its key among those that `seen` relates to the read.
bool arbitration_exists(const Registers& registers, const Relation& relation, const Relation& seen);

/// Whether some total order of all operations contains the relation.
bool order_exists(const Registers& registers, const Relation& relation);

}  // namespace sunder::weak::support
