#include "harness/faultkit/family.h"

#include <signal.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

namespace sunder {
namespace {

namespace fs = std::filesystem;

std::vector<pid_t> all_processes() {
  std::vector<pid_t> found;
  std::error_code gone;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc", gone)) {
    std::string name = entry.path().filename();
    pid_t pid = 0;
    auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec == std::errc() && parsed.ptr == name.data() + name.size()) found.push_back(pid);
  }
  return found;
}

pid_t parent_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(line.substr(name_end + 1));
  char state = '?';
  pid_t parent = 0;
  fields >> state >> parent;
  return state == 'Z' ? 0 : parent;
}

}  // namespace

std::vector<pid_t> family_of(pid_t ancestor) {
  std::multimap<pid_t, pid_t> children;
  for (pid_t pid : all_processes()) children.emplace(parent_of(pid), pid);
  std::vector<pid_t> found;
  std::vector<pid_t> left = {ancestor};
  while (!left.empty()) {
    auto [begin, end] = children.equal_range(left.back());
    left.pop_back();
    for (auto child = begin; child != end; ++child) {
      found.push_back(child->second);
      left.push_back(child->second);
    }
  }
  return found;
}

std::vector<pid_t> marked_with(const std::string& variable) {
  std::vector<pid_t> found;
  for (pid_t pid : all_processes()) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/environ");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    std::string wanted = '\0' + variable + '\0';
    if (('\0' + text).find(wanted) != std::string::npos) found.push_back(pid);
  }
  return found;
}

void signal_all(int number, const std::function<std::vector<pid_t>()>& find) {
  std::set<pid_t> told;
  constexpr int passes_max = 20;
  for (int pass = 0; pass < passes_max; ++pass) {
    bool fresh = false;
    for (pid_t pid : find()) {
      if (!told.insert(pid).second) continue;
      fresh = true;
      ::kill(pid, number);
    }
    if (!fresh) return;
  }
}

}  // namespace sunder
