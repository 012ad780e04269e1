#pragma once
// The smallest reference system that shows a world at work: n1 keeps registers on its disk, and all
// nodes greet each other.

#include "harness/api/system.h"

namespace sunder {

/// Verbs read and write over [key value]. A node is ready when it has heard every other one within
/// the last second. Asked to change the voters, a node says that these vote. Traces "greeted" with
/// a counter, hits the probe "all greeted".
System tiny_system();

}  // namespace sunder
