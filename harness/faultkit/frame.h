#pragma once
// Frames of a byte stream: four bytes of length, highest first, then that many bytes.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sunder {

inline constexpr std::size_t frame_limit = std::size_t{8} << 20;  // bytes of a body

/// Appends a whole frame. REQUIRES: body.size() <= frame_limit
void append_frame(std::string& out, std::string_view body);

/// Cuts a stream back into frames.
class FrameReader {
 public:
  void feed(std::string_view bytes) { buffer_.append(bytes); }
  /// The next whole frame's body, if it has arrived.
  std::optional<std::string> next();
  /// The other side announced a frame over the limit: the stream is of no further use.
  bool broken() const { return broken_; }

 private:
  std::string buffer_;
  std::size_t begin_ = 0;
  bool broken_ = false;
};

}  // namespace sunder
