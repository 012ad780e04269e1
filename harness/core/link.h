#pragma once
// The link model: one description of how a link treats what is sent over it. It drives the
// simulated network, the lab's switch and, later, netem on hosts.

#include <array>
#include <cstdint>

#include "harness/core/rng.h"
#include "harness/core/time.h"
#include "harness/core/value.h"

namespace sunder {

struct LinkModel {
  Duration delay{0};        // every packet
  Duration jitter{0};       // mean of an exponential addition to the delay
  Ratio loss{};             // of packets
  Ratio duplicate{};        // of packets, delivered twice
  Ratio reorder{};          // of packets, held back by up to four times delay + jitter
  Ratio corrupt{};          // of packets; a checksum catches it, so the packet is lost
  std::int64_t rate = 0;    // bytes a second; 0 is unlimited
  bool blocked = false;     // nothing passes
  bool hold = false;        // what is sent waits until hold ends, then all of it is delivered
  bool operator==(const LinkModel&) const = default;
};

/// What becomes of one packet: up to two deliveries, each after its delay.
struct Fate {
  std::uint8_t copies = 0;  // 0 is lost
  std::array<Duration, 2> delays{};
};

/// Decides a packet's fate from the link's own stream of draws. Rate and hold need state, so the
/// network that owns the link applies them.
Fate decide_fate(const LinkModel& model, Rng& rng);

Value to_value(const LinkModel& model);  // only what differs from a perfect link

}  // namespace sunder
