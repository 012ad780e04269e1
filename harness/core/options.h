#pragma once
// Options that a plug-in declares and a command line sets with --set KEY=VALUE.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.h"
#include "harness/core/time.h"

namespace sunder {

struct OptionSpec {
  enum class Kind : std::uint8_t { text, integer, boolean, duration, choice };
  std::string name;
  Kind kind = Kind::text;
  std::string fallback;  // the default, in the same text form as on the command line
  std::string help;
  std::vector<std::string> choices{};  // of kind choice
  bool secret = false;                 // redacted in everything that is stored
  std::int64_t least = INT64_MIN;      // of kind integer
  std::int64_t most = INT64_MAX;
};

/// The values of declared options: every declared name is present and valid, no other is.
class Options {
 public:
  Options() = default;
  /// Errors name the unknown key with the known ones, or the key and what its value must be.
  static Result<Options> parse(const std::vector<OptionSpec>& specs,
                               const std::map<std::string, std::string>& set);

  // REQUIRES: the name is declared, of that kind.
  const std::string& text(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  bool boolean(std::string_view name) const;
  Duration duration(std::string_view name) const;

  const std::map<std::string, std::string, std::less<>>& all() const { return values_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

/// "did you mean 'raft'?" or the whole list: the tail of an error about an unknown name.
std::string suggest(std::string_view wrong, const std::vector<std::string>& known);

}  // namespace sunder
