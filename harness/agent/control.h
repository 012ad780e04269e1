#pragma once
// The agent's side of its control socket: framed JSON, and descriptors beside it.

#include <optional>
#include <string>

#include "harness/core/value.h"
#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/frame.h"

namespace sunder {

class ControlSocket {
 public:
  explicit ControlSocket(Descriptor socket) : socket_(std::move(socket)) {}
  int descriptor() const { return socket_.get(); }

  /// Reads what has arrived. False: the other side is gone, or talks nonsense.
  bool receive();
  /// The next whole request, if one has arrived.
  std::optional<std::string> next() { return reader_.next(); }
  /// As send(), of JSON that is there already.
  bool send_text(const std::string& text) { return send_bytes(text, -1); }
  /// Sends a frame, with a descriptor when `attached` is not -1. False: the other side is gone.
  bool send(const Value& frame, int attached = -1);

 private:
  bool send_bytes(const std::string& body, int attached);

  Descriptor socket_;
  FrameReader reader_;
};

}  // namespace sunder
