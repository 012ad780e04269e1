#pragma once
// How the parts of a node send: to other nodes over the network, to their own node without it.

#include <deque>

#include "harness/api/runtime.h"

namespace sunder::two_phase {

/// What is sent to the own node is handled after the present handler, which needs no barrier: all
/// that comes of it leaves behind the barriers before it.
class Post {
 public:
  explicit Post(Runtime& runtime) : runtime_(runtime) {}

  void send(NodeId target, Message message) {
    if (target == runtime_.self()) {
      own_.push_back({target, target, std::move(message)});
    } else {
      runtime_.send(target, std::move(message));
    }
  }
  /// Gives every message to the own node to `handle`, those too that are sent meanwhile.
  template <class Handle>
  void deliver_own(Handle handle) {
    while (!own_.empty()) {
      Envelope envelope = std::move(own_.front());
      own_.pop_front();
      handle(envelope);
    }
  }
  Runtime& runtime() { return runtime_; }

 private:
  Runtime& runtime_;
  std::deque<Envelope> own_;
};

}  // namespace sunder::two_phase
