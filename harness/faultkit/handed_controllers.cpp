#include "harness/faultkit/handed_controllers.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "harness/faultkit/file_at.h"

namespace sunder {
namespace {

constexpr std::array<std::string_view, 4> needed_controllers = {"cpu", "memory", "pids", "io"};
constexpr const char* setting_file = "cgroup.subtree_control";
// An empty group says that the setting beside it is ours: the kernel keeps it as long as that, and
// forgets both when the machine is started anew.
constexpr std::string_view mark_prefix = "sunder.hands-on.";

std::string mark_of(std::string_view controller) {
  return std::string(mark_prefix) + std::string(controller);
}

bool is_handed_on(int folder, std::string_view controller) {
  std::istringstream words(read_at(folder, setting_file));
  for (std::string word; words >> word;) {
    if (word == controller) return true;
  }
  return false;
}

std::vector<std::string> names_in(int folder) {
  std::vector<std::string> names;
  int opened = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(opened), &::closedir);
  if (entries == nullptr) {
    (void)Descriptor(opened);
    return names;
  }
  while (const dirent* entry = ::readdir(entries.get())) names.emplace_back(entry->d_name);
  return names;
}

}  // namespace

Descriptor lock_control_groups(int folder) {
  // A descriptor of its own: a lock belongs to what was opened, which our children share.
  Descriptor lock(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (lock) ::flock(lock.get(), LOCK_EX);
  return lock;
}

void hand_controllers_on(int folder) {
  // One by one: those that are not there must not spoil the others.
  for (std::string_view controller : needed_controllers) {
    if (is_handed_on(folder, controller)) continue;
    std::string mark = mark_of(controller);
    ::mkdirat(folder, mark.c_str(), 0755);
    if (write_at(folder, setting_file, "+" + std::string(controller))) continue;
    ::unlinkat(folder, mark.c_str(), AT_REMOVEDIR);
  }
}

void take_controllers_back(int folder) {
  std::vector<std::string> marked;
  for (const std::string& name : names_in(folder)) {
    if (name.starts_with(control_group_prefix)) return;
    if (name.starts_with(mark_prefix)) marked.push_back(name);
  }
  for (const std::string& mark : marked) {
    // Whoever else has come to need it meanwhile keeps it: then the kernel refuses.
    (void)write_at(folder, setting_file, "-" + mark.substr(mark_prefix.size()));
    ::unlinkat(folder, mark.c_str(), AT_REMOVEDIR);
  }
}

}  // namespace sunder
