#include "harness/faultkit/frame.h"

#include "harness/core/assert.h"

namespace sunder {
namespace {

constexpr std::size_t length_size = 4;

std::size_t length_at(const std::string& bytes, std::size_t at) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_size; ++i) {
    length = length << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return length;
}

}  // namespace

void append_frame(std::string& out, std::string_view body) {
  ASSERT(body.size() <= frame_limit);
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(body.size() >> shift & 0xff));
  }
  out.append(body);
}

std::optional<std::string> FrameReader::next() {
  if (broken_ || buffer_.size() - begin_ < length_size) return {};
  std::size_t length = length_at(buffer_, begin_);
  if (length > frame_limit) {
    broken_ = true;
    return {};
  }
  if (buffer_.size() - begin_ - length_size < length) return {};
  std::string body = buffer_.substr(begin_ + length_size, length);
  begin_ += length_size + length;
  if (begin_ == buffer_.size() || begin_ > (std::size_t{1} << 16)) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  return body;
}

}  // namespace sunder
