#pragma once
// What the kernel's own disciplines of queueing can do to a link, in the words that they are told
// it: netem delays, loses, doubles and reorders, and htb with a queue of bytes in it throttles.

#include <cstdint>

#include "harness/core/link.h"
#include "harness/faultkit/netlink.h"

namespace sunder {

/// Whether they can do it as the link model means it. They cannot hold and let go, nor let frames
/// vanish for their size, nor keep a stream in order under jitter, and not everything at once; and
/// netem flips bits anywhere in a frame, also where no checksum is.
bool netem_can(const LinkModel& model);

/// Whether each packet's fate has nothing to do with the ones before, so that links may share it.
bool netem_forgets(const LinkModel& model);

/// netem's options. REQUIRES: netem_can(model), and it limits no rate
void put_netem(const LinkModel& model, NetlinkRequest& request);
/// For a rate the options of htb's only class, and those of the queue in it, a bfifo.
void put_rate(const LinkModel& model, NetlinkRequest& request);
void put_line(const LinkModel& model, NetlinkRequest& request);

}  // namespace sunder
