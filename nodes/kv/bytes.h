#pragma once
// Compact bytes for what nodes store: zigzag varints, so that a log record fits a short string.

#include <cstdint>
#include <string>
#include <string_view>

namespace sunder {

class ByteWriter {
 public:
  void number(std::int64_t number) {
    auto rest =
        (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
    for (; rest >= 0x80; rest >>= 7) out_.push_back(static_cast<char>(rest | 0x80));
    out_.push_back(static_cast<char>(rest));
  }
  void text(std::string_view text) {
    number(static_cast<std::int64_t>(text.size()));
    out_ += text;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// Reads what a ByteWriter wrote. Past the end every number is 0 and ok() turns false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}
  std::int64_t number() {
    std::uint64_t rest = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == bytes_.size()) {
        ok_ = false;
        return 0;
      }
      auto byte = static_cast<std::uint8_t>(bytes_[at_++]);
      rest |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return static_cast<std::int64_t>(rest >> 1) ^ -static_cast<std::int64_t>(rest & 1);
      }
    }
    ok_ = false;
    return 0;
  }
  std::string text() {
    std::int64_t size = number();
    if (size < 0 || static_cast<std::uint64_t>(size) > bytes_.size() - at_) {
      ok_ = false;
      at_ = bytes_.size();
      return {};
    }
    std::string_view found = bytes_.substr(at_, static_cast<std::size_t>(size));
    at_ += found.size();
    return std::string(found);
  }
  std::string_view rest() const { return bytes_.substr(at_); }
  bool ok() const { return ok_; }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace sunder
