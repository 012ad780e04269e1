#pragma once
// Handing packets to a program: what leaves for certain addresses waits in a queue of the kernel's
// until the program says what becomes of it. A table of nftables that is ours alone selects it.

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/result.h"

namespace sunder {

/// The number of our queue, and the mark of packets that are never queued: our own copies.
inline constexpr std::uint16_t queue_number = 23822;
inline constexpr std::uint32_t unqueued_mark = 0x53756e64;

/// Whether this host can do it; else why not, with the cure. Leaves nothing behind.
Status queueing_is_possible();

/// Lays the table, which selects nothing yet. Of packets only TCP and UDP from or to these ports
/// are ever selected, so that no control connection is. Packets pass as if nothing were when no
/// program reads the queue.
Status lay_queueing(const std::vector<std::uint16_t>& ports);
/// From now on what leaves for exactly these addresses is queued, in one step. REQUIRES: laid
Status queue_what_leaves_for(const std::vector<std::string>& addresses);
/// Removes our table. Without one: nothing.
Status remove_queueing();

}  // namespace sunder
