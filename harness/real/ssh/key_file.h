#pragma once
// Private keys of a user: why one may not do.

#include <filesystem>
#include <string>
#include <string_view>

namespace sunder {

enum class KeyKind : std::uint8_t { other, rsa, encrypted, unreadable };

/// What a private key's text says of itself, in PEM or in OpenSSH's own format.
KeyKind kind_of_key(std::string_view text);

/// Why a host refused this key, as far as the file tells; with the cure.
std::string why_key_fails(const std::filesystem::path& key);

/// libssh2 1.10 signs with RSA keys over SHA-1 only, which OpenSSH refuses since 8.8.
std::string rsa_cure();

}  // namespace sunder
