#include "harness/faultkit/control_group_places.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace sunder {
namespace {

std::string_view name_in_version_1(Controller controller) {
  switch (controller) {
    case Controller::cpu: return "cpu";
    case Controller::accounting: return "cpuacct";
    case Controller::memory: return "memory";
    case Controller::pids: return "pids";
    case Controller::disk: return "blkio";
    case Controller::freezer: return "freezer";
  }
  return "";
}

// Empty: every group of version 2 has it.
std::string_view name_in_version_2(Controller controller) {
  switch (controller) {
    case Controller::cpu:
    case Controller::accounting: return "cpu";
    case Controller::memory: return "memory";
    case Controller::pids: return "pids";
    case Controller::disk: return "io";
    case Controller::freezer: return "";
  }
  return "";
}

std::vector<std::string> words_of(std::string_view text, char separator) {
  std::vector<std::string> words;
  std::istringstream stream{std::string(text)};
  for (std::string word; std::getline(stream, word, separator);) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

bool has(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

struct Mount {
  std::string root;  // which part of the tree is mounted
  std::string folder;
  std::string type;
  std::vector<std::string> controllers;  // of version 1
};

// "31 23 0:28 ROOT FOLDER OPTIONS [more...] - TYPE SOURCE CONTROLLERS"
std::vector<Mount> mounts_of(std::string_view text) {
  std::vector<Mount> mounts;
  for (const std::string& line : words_of(text, '\n')) {
    std::vector<std::string> words = words_of(line, ' ');
    auto dash = std::find(words.begin(), words.end(), "-");
    if (dash - words.begin() < 6 || words.end() - dash < 4) continue;
    if (*(dash + 1) != "cgroup" && *(dash + 1) != "cgroup2") continue;
    mounts.push_back({words[3], words[4], *(dash + 1), words_of(*(dash + 3), ',')});
  }
  return mounts;
}

// Our own group of a version 1 controller, from lines "4:memory:/path"; "/" when there is none.
std::string own_group(std::string_view own, std::string_view controller) {
  for (const std::string& line : words_of(own, '\n')) {
    std::size_t names = line.find(':');
    std::size_t path = names == line.npos ? line.npos : line.find(':', names + 1);
    if (path == line.npos) continue;
    if (has(words_of(line.substr(names + 1, path - names - 1), ','), controller)) {
      return line.substr(path + 1);
    }
  }
  return "/";
}

std::filesystem::path below(const Mount& mount, std::string group) {
  if (mount.root != "/" && group.starts_with(mount.root)) group.erase(0, mount.root.size());
  while (group.starts_with('/')) group.erase(0, 1);
  std::filesystem::path folder = mount.folder;
  return group.empty() || group.starts_with("..") ? folder : folder / group;
}

std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> controllers_of_version_2(const Mount& mount) {
  std::string text = text_of_file(std::filesystem::path(mount.folder) / "cgroup.controllers");
  if (text.ends_with('\n')) text.pop_back();
  return words_of(text, ' ');
}

}  // namespace

ControlGroupPlaces control_group_places(std::string_view mounts, std::string_view own) {
  ControlGroupPlaces places;
  for (const Mount& mount : mounts_of(mounts)) {
    bool first_version = mount.type == "cgroup";
    std::vector<std::string> there =
        first_version ? mount.controllers : controllers_of_version_2(mount);
    for (Controller controller : all_controllers) {
      std::string_view name =
          first_version ? name_in_version_1(controller) : name_in_version_2(controller);
      if (!name.empty() && !has(there, name)) continue;
      std::filesystem::path folder =
          first_version ? below(mount, own_group(own, name)) : std::filesystem::path(mount.folder);
      places.try_emplace(controller, ControllerPlace{folder, first_version ? 1 : 2});
    }
  }
  return places;
}

Result<ControlGroupPlaces> find_control_groups() {
  ControlGroupPlaces places =
      control_group_places(text_of_file("/proc/self/mountinfo"), text_of_file("/proc/self/cgroup"));
  for (Controller controller : all_controllers) {
    if (places.contains(controller)) continue;
    return Error{Error::Code::environment,
                 "there is no control group for " + std::string(name_in_version_1(controller)) +
                     " here; mount them, for example: mount -t cgroup2 none /sys/fs/cgroup"};
  }
  return places;
}

}  // namespace sunder
