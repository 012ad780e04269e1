#include "harness/core/digest.h"

namespace sunder {

std::string Digest::hex() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += digits[(state_ >> shift) & 15];
  return out;
}

}  // namespace sunder
