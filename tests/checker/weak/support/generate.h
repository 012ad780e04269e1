#pragma once
// Random small histories, and small changes to histories.

#include "harness/core/rng.h"
#include "tests/checker/weak/support/litmus.h"

namespace sunder::weak::support {

/// Operations of one to four sessions on one to three keys; every read returns the value of any
/// write of its key or the initial one.
Litmus random_litmus(Rng& rng, std::size_t operations);

/// Numbers the sessions anew where one has become empty, and puts their operations together.
void put_in_order(Litmus& litmus);

/// New calls and answers: the usual times, or any; some writes at the end of a session are never
/// answered.
void set_random_times(Litmus& litmus, Rng& rng);

/// One change: another value read, an operation more or less, elsewhere, on another key or of the
/// other kind, other times, two sessions made one. Reads of a value that is gone read another.
void change(Litmus& litmus, Rng& rng);

/// Turns some answers into unknown outcomes, and perhaps some into failures.
void lose_answers(Litmus& litmus, Rng& rng, bool failures);

/// The history without an operation, and without its reads when it is a write.
Registers without(const Registers& registers, Index operation);

}  // namespace sunder::weak::support
