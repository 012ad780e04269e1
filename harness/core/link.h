#pragma once
// The link model: one description of how a link treats what is sent over it. It drives the
// simulated network, the lab's switch and, on hosts, a queue of ours or netem.

#include <array>
#include <cstdint>

#include "harness/core/result.h"
#include "harness/core/rng.h"
#include "harness/core/time.h"
#include "harness/core/value.h"

namespace sunder {

/// The law of what jitter adds to a delay. Under normal and pareto every packet travels on its own,
/// so that packets overtake each other as under netem; under exponential a network that knows
/// streams (the lab's switch) keeps the packets of a link in order.
enum class Spread : std::uint8_t {
  exponential,  // jitter is the mean
  normal,       // jitter is the standard deviation; no packet travels less than no time
  pareto        // jitter is the mean; half of all packets get less than 0.42 of it, some 60 times
};

struct LinkModel {
  Duration delay{0};        // every packet
  Duration jitter{0};       // spreads the delay
  Spread spread = Spread::exponential;
  Ratio loss{};             // of packets
  std::uint32_t loss_run = 1;  // mean number of packets lost in a row; 1 loses each by itself
  Ratio duplicate{};        // of packets, delivered twice
  Ratio reorder{};          // of packets, held back by up to reorder_span
  Duration reorder_span{0};  // 0 is four times delay + jitter
  Ratio corrupt{};          // of packets; a bit flips, a checksum catches it, the packet is lost
  std::int64_t rate = 0;    // bytes a second; 0 is unlimited
  std::int64_t frame_max = 0;  // bytes: larger frames vanish, and nobody is told; 0 is no limit
  bool blocked = false;     // nothing passes
  std::uint16_t port = 0;   // blocked takes only TCP and UDP from or to this port; 0 takes all
  bool refuse = false;      // who asks for a TCP connection is answered that there is none
  bool reset = false;       // what is sent over a TCP connection ends it, for both its ends
  bool hold = false;        // what is sent waits until hold ends, then all of it is delivered
  bool blocks_all() const { return blocked && port == 0; }
  bool operator==(const LinkModel&) const = default;
};

/// What becomes of one packet: up to two deliveries, each after its delay.
struct Fate {
  std::uint8_t copies = 0;  // 0 is lost
  bool corrupt = false;     // what arrives is not what was sent
  std::array<Duration, 2> delays{};
};

/// Where a link draws from, and whether it is in a run of losses (Gilbert's model: a good state
/// that passes all, a bad one that loses all, and a chance for each packet to change between them).
struct LinkLane {
  Rng rng;
  bool losing = false;
};

/// Decides a packet's fate from the link's own stream of draws. Rate and hold need state, and
/// frame_max a size, and a port the packet itself, so the network that owns the link applies them.
Fate decide_fate(const LinkModel& model, LinkLane& lane);

/// A second stretch of the way: lost if either loses, late by both, doubled if either doubles.
Fate then(const Fate& first, const Fate& second);

Value to_value(const LinkModel& model);  // only what differs from a perfect link
/// Reads the same back, durations to three digits. Errors say what is not of a link.
Result<LinkModel> link_model_from(const Value& value);

}  // namespace sunder
