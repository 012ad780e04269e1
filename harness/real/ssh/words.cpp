#include "harness/real/ssh/words.h"

#include <pwd.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>

namespace sunder {

Result<std::vector<std::string>> words_of(std::string_view line) {
  constexpr std::string_view space = " \t\r";
  std::vector<std::string> words;
  for (std::size_t at = 0;;) {
    at = line.find_first_not_of(space, at);
    if (at == std::string_view::npos || line[at] == '#') return words;
    std::string word;
    bool quoted = false;
    for (; at < line.size(); ++at) {
      if (!quoted && space.find(line[at]) != std::string_view::npos) break;
      if (line[at] == '"') {
        quoted = !quoted;
      } else {
        word += line[at];
      }
    }
    if (quoted) return Error{Error::Code::malformed, "a quote is not closed"};
    words.push_back(std::move(word));
  }
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::optional<std::uint16_t> parse_port(const std::string& text) {
  unsigned port = 0;
  const char* last = text.data() + text.size();
  auto parsed = std::from_chars(text.data(), last, port);
  bool good = parsed.ec == std::errc() && parsed.ptr == last && port > 0 && port <= 65535;
  return good ? std::optional(static_cast<std::uint16_t>(port)) : std::nullopt;
}

Error error_at(const std::string& file, std::size_t line, const std::string& why) {
  return Error{Error::Code::malformed, file + ":" + std::to_string(line) + ": " + why};
}

std::string expand_home(const std::string& path) {
  if (path != "~" && !path.starts_with("~/")) return path;
  const char* home = std::getenv("HOME");
  if (home == nullptr) {
    const passwd* user = ::getpwuid(::getuid());
    home = user != nullptr ? user->pw_dir : "/";
  }
  return home + path.substr(1);
}

}  // namespace sunder
