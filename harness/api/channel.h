#pragma once
// What a reference client may touch: it is an endpoint c<N> of the network, in both worlds.

#include <functional>
#include <span>

#include "harness/api/runtime.h"

namespace sunder {

/// Callbacks run one at a time on the channel's own thread of control; none runs after close.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual NodeId self() const = 0;
  virtual std::span<const NodeId> servers() const = 0;
  virtual NodeId home() const = 0;  // the server this client was assigned: process mod servers
  virtual Instant now() const = 0;
  virtual void send(NodeId target, Message message) = 0;  // may be lost, late, doubled, reordered
  virtual void on_receive(std::function<void(const Envelope&)> handler) = 0;
  virtual Timer start_timer(Duration delay, std::function<void()> fire) = 0;
  virtual void cancel_timer(Timer timer) = 0;
  virtual Rng& rng() = 0;
};

}  // namespace sunder
