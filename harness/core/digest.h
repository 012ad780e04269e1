#pragma once
// A running fingerprint of what happened, equal on every machine and compiler.

#include <cstdint>
#include <string>
#include <string_view>

namespace sunder {

class Digest {
 public:
  void add(std::uint64_t word) {
    state_ = (state_ ^ word) * 0x9fb21c651e98df25u;
    state_ ^= state_ >> 29;
  }
  void add(std::string_view text) {
    add(text.size());
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    add(hash);
  }
  std::uint64_t value() const { return state_; }
  std::string hex() const;  // 16 digits

 private:
  std::uint64_t state_ = 0x2545f4914f6cdd1du;
};

}  // namespace sunder
