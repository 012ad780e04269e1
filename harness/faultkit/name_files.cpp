#include "harness/faultkit/name_files.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <map>

#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

std::string path_of(const std::string& name) { return "/etc/" + name; }

std::map<std::string, std::string> texts_of(const NameFiles& files) {
  std::map<std::string, std::string> texts;
  if (::access(path_of("hosts").c_str(), F_OK) == 0) texts["hosts"] = files.hosts;
  if (files.nameserver.empty()) return texts;
  texts["resolv.conf"] = "nameserver " + files.nameserver + "\n";
  texts["nsswitch.conf"] = "hosts: files dns\n";
  return texts;
}

bool is_ours(const std::string& name, const std::string& text) {
  std::ifstream file(path_of(name));
  return std::string(std::istreambuf_iterator<char>(file), {}) == text;
}

Status cover(const std::filesystem::path& folder, const std::string& name,
             const std::string& text) {
  std::string own = folder / ("." + name);
  Descriptor file(::open(own.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return system_error("write " + own);
  }
  if (::mount(own.c_str(), path_of(name).c_str(), nullptr, MS_BIND, nullptr) != 0) {
    return system_error("replace " + path_of(name) + " in the node's file tree");
  }
  return Done{};
}

}  // namespace

Status cover_name_files(const NameFiles& files) {
  for (const auto& [name, text] : texts_of(files)) {
    if (is_ours(name, text)) continue;
    if (Status covered = cover(files.folder, name, text); !covered) return covered;
  }
  return Done{};
}

void uncover_name_files(const NameFiles& files) {
  for (const auto& [name, text] : texts_of(files)) {
    if (is_ours(name, text)) ::umount2(path_of(name).c_str(), MNT_DETACH);
  }
}

}  // namespace sunder
