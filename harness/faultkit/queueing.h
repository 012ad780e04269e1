#pragma once
// Choosing the packets that a link's fault is for: what leaves for certain addresses waits in a
// queue of the kernel's until a program says what becomes of it, or gets the priority that names a
// class of the kernel's own shaping (faultkit/shaping.h). A table of nftables that is ours alone
// selects it.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/core/result.h"

namespace sunder {

/// The number of our queue, and the mark of packets that are never queued: our own copies.
inline constexpr std::uint16_t queue_number = 23822;
inline constexpr std::uint32_t unqueued_mark = 0x53756e64;

/// Whether this host can do it; else why not, with the cure. Leaves nothing behind.
Status queueing_is_possible();
Status classing_is_possible();

/// Lays the table, which selects nothing yet. Of packets only TCP and UDP from or to these ports
/// are ever selected, so that no control connection is. Packets pass as if nothing were when no
/// program reads the queue. Without `queues` nothing can be queued, on kernels that cannot.
Status lay_queueing(const std::vector<std::uint16_t>& ports, bool queues = true);

/// What becomes of packets by the address that they leave for; others are left alone.
struct Leaving {
  std::vector<std::string> queued{};
  std::map<std::string, std::uint16_t> classed{};  // and the numbers of their classes
};
/// From now on exactly this, in one step. REQUIRES: laid
Status treat_what_leaves(const Leaving& leaving);
/// Removes our table. Without one: nothing.
Status remove_queueing();

}  // namespace sunder
