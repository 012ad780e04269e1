#include "harness/agent/keep_power.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <set>
#include <string_view>

#include "harness/faultkit/tool.h"

namespace sunder {
namespace {

constexpr Duration start_limit = std::chrono::seconds(60);

void hear(std::string_view line, std::set<std::string>& off) {
  constexpr std::string_view goes = "off ";
  constexpr std::string_view comes = "on ";
  if (line.starts_with(goes)) off.emplace(line.substr(goes.size()));
  if (line.starts_with(comes)) off.erase(std::string(line.substr(comes.size())));
}

std::set<std::string> left_off() {
  std::set<std::string> off;
  std::string heard;
  std::array<char, 4096> part;
  while (true) {
    ssize_t size = ::read(STDIN_FILENO, part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return off;
    heard.append(part.data(), static_cast<std::size_t>(size));
    for (std::size_t end = heard.find('\n'); end != std::string::npos; end = heard.find('\n')) {
      hear(std::string_view(heard).substr(0, end), off);
      heard.erase(0, end + 1);
    }
  }
}

}  // namespace

int keep_power(const std::vector<std::string>& command) {
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(number, SIG_IGN);
  int code = 0;
  for (const std::string& machine : left_off()) {
    std::vector<std::string> words = command;
    words.push_back(machine);
    Result<std::string> started = run_tool(words, "", start_limit);
    if (started) continue;
    std::fprintf(stderr, "sunder: %s is still off: %s\n", machine.c_str(),
                 started.error().context.c_str());
    code = 1;
  }
  return code;
}

}  // namespace sunder
