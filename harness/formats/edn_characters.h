#pragma once
// What each byte may be in an EDN text.

#include <array>
#include <cstdint>
#include <string_view>

namespace sunder::edn {

enum Trait : std::uint8_t {
  blank = 1,      // commas too
  delimiter = 2,  // ends a symbol, keyword or number
  digit = 4,
  letter = 8,
  aside = 16,  // may begin what is no form: comments, tags, discards, metadata
};

constexpr std::array<std::uint8_t, 256> make_traits() {
  std::array<std::uint8_t, 256> traits{};
  auto mark = [&](std::string_view characters, std::uint8_t trait) {
    for (char c : characters) traits[static_cast<unsigned char>(c)] |= trait;
  };
  mark(" \n\t\r\f,", blank);
  mark(" \n\t\r\f,()[]{}\";", delimiter);
  mark("0123456789", digit);
  mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", letter);
  mark(";#^", aside);
  return traits;
}
inline constexpr std::array<std::uint8_t, 256> traits = make_traits();

/// Whether the byte has one of these traits.
constexpr bool is(char c, int any_of) {
  return (traits[static_cast<unsigned char>(c)] & any_of) != 0;
}

}  // namespace sunder::edn
