#pragma once
// What the loads of replicated datatypes share (their checkers are in checker/replicated): updates
// with tags, by which a replica's log names those whose answer was lost, and final reads.

#include "workloads/parts/keys.h"

namespace sunder {

/// [key {:value v :tag t}]: a tag that no other op of the load has. REQUIRES: the op has drawn.
Value tagged(std::int64_t key, Map argument, const Rng& rng);

/// When nothing has changed for ten seconds, every client reads every key, and one client asks for
/// the log of each key.
Generator final_reads(std::int64_t keys);

}  // namespace sunder
