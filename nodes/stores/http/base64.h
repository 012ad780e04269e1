#pragma once
// Base64 of RFC 4648 section 4: how JSON gateways carry bytes.

#include <optional>
#include <string>
#include <string_view>

namespace sunder {

std::string to_base64(std::string_view bytes);
/// Nothing when the text is not padded base64.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace sunder
