#pragma once
// How requests of the control socket are read, and answers written.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/core/result.h"
#include "harness/core/value.h"

namespace sunder::crashfs {

// A report is for people and logs; what is beyond this is counted, not listed.
inline constexpr std::size_t listed_max = 200;

inline Error malformed(std::string why) { return Error{Error::Code::malformed, std::move(why)}; }

inline std::int64_t number(std::uint64_t value) { return static_cast<std::int64_t>(value); }

inline std::string text_of(const Value& request, std::string_view key) {
  const Value* found = request.find(key);
  return found != nullptr && found->is_text() ? found->text() : std::string();
}

inline std::optional<std::uint64_t> size_of(const Value& request, std::string_view key) {
  const Value* found = request.find(key);
  if (found == nullptr || !found->is_integer() || found->integer() < 0) return {};
  return static_cast<std::uint64_t>(found->integer());
}

}  // namespace sunder::crashfs
