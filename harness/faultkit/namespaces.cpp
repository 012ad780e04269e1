#include "harness/faultkit/namespaces.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <fstream>
#include <sstream>

#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/interface.h"
#include "harness/faultkit/name_files.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

std::string first_word(const char* path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return word;
}

Status write_file(const std::string& path, const std::string& text) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return system_error("write " + path);
  }
  return Done{};
}

/// Why this kernel gives us no user namespace, from what it says of itself.
std::string cure_for_user_namespaces() {
  if (first_word("/proc/sys/kernel/unprivileged_userns_clone") == "0") {
    return "allow it with: sysctl kernel.unprivileged_userns_clone=1; or run as root";
  }
  if (first_word("/proc/sys/user/max_user_namespaces") == "0") {
    return "allow it with: sysctl user.max_user_namespaces=10000; or run as root";
  }
  if (first_word("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1") {
    return "allow it with: sysctl kernel.apparmor_restrict_unprivileged_userns=0; or run as root";
  }
  return "run as root, outside of containers that forbid namespaces, or use --world sim";
}

bool may_administrate() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("CapEff:", 0) != 0) continue;
    unsigned long long effective = 0;
    std::istringstream(line.substr(7)) >> std::hex >> effective;
    constexpr unsigned net_admin = 12;
    constexpr unsigned sys_admin = 21;
    return (effective >> net_admin & 1) != 0 && (effective >> sys_admin & 1) != 0;
  }
  return false;
}

/// Whether a user exists in our user namespace, from lines of: first inside, first outside, count.
bool user_exists(std::uint64_t user) {
  std::ifstream map("/proc/self/uid_map");
  std::uint64_t inside = 0;
  std::uint64_t outside = 0;
  for (std::uint64_t count = 0; map >> inside >> outside >> count;) {
    if (user >= inside && user - inside < count) return true;
  }
  return false;
}

Status map_user(uid_t user, gid_t group) {
  Status done = write_file("/proc/self/setgroups", "deny");
  if (done) done = write_file("/proc/self/uid_map", "0 " + std::to_string(user) + " 1");
  if (done) done = write_file("/proc/self/gid_map", "0 " + std::to_string(group) + " 1");
  return done;
}

Status set_read_only(const std::string& path, bool read_only, bool below) {
  mount_attr change{};
  (read_only ? change.attr_set : change.attr_clr) = MOUNT_ATTR_RDONLY;
  unsigned flags = below ? AT_RECURSIVE : 0u;
  if (::syscall(SYS_mount_setattr, AT_FDCWD, path.c_str(), flags, &change, sizeof change) != 0) {
    return system_error("make " + path + (read_only ? " read-only" : " writable"));
  }
  return Done{};
}

/// Binds what `source` holds open, so that a mount over its path does not matter.
Status bind(const Descriptor& source, const std::filesystem::path& target, bool folder) {
  std::error_code ignored;
  std::filesystem::create_directories(folder ? target : target.parent_path(), ignored);
  if (!folder) {
    if (Status made = write_file(target.string(), ""); !made) return made;
  }
  std::string open_source = "/proc/self/fd/" + std::to_string(source.get());
  if (::mount(open_source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) != 0) {
    return system_error("bind a folder of the run to " + target.string());
  }
  return Done{};
}

}  // namespace

Result<LabSpace> enter_lab_namespaces() {
  bool own_users = !may_administrate();
  uid_t user = ::geteuid();
  gid_t group = ::getegid();
  int spaces = CLONE_NEWNET | CLONE_NEWNS | (own_users ? CLONE_NEWUSER : 0);
  if (::unshare(spaces) != 0) {
    return system_error("create the lab's namespaces", cure_for_user_namespaces());
  }
  if (own_users) {
    if (Status mapped = map_user(user, group); !mapped) return mapped.error();
  }
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return system_error("make the lab's mounts private");
  }
  if (Status up = bring_up("lo"); !up) return up.error();
  return LabSpace{.rootless = !user_exists(unprivileged_user)};
}

Status hide_own_mounts() {
  if (::unshare(CLONE_NEWNS) != 0) return system_error("have mounts of our own");
  if (::mount("none", "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) {
    return system_error("hide our mounts from others");
  }
  return Done{};
}

Status make_node_tree(const NodeTree& tree) {
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return system_error("make the node's mounts private");
  }
  if (::sethostname(tree.host_name.data(), tree.host_name.size()) != 0) {
    return system_error("set the node's host name");
  }
  std::vector<Descriptor> sources;
  for (const auto& [source, target] : tree.binds) {
    sources.emplace_back(::open(source.c_str(), O_PATH | O_CLOEXEC));
    if (!sources.back()) return system_error("open " + source.string());
  }
  if (::mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") != 0) {
    return system_error("mount a private /tmp");
  }
  std::vector<std::string> writable = {"/tmp"};
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto& [source, target] = tree.binds[i];
    bool folder =
        std::filesystem::is_directory("/proc/self/fd/" + std::to_string(sources[i].get()));
    if (Status bound = bind(sources[i], target, folder); !bound) return bound;
    if (folder) writable.push_back(target.string());
  }
  NameFiles names{"/tmp", tree.hosts, tree.asks_loopback ? "127.0.0.1" : ""};
  if (Status covered = cover_name_files(names); !covered) return covered;
  if (::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) {
    return system_error("mount the node's own /proc",
                        "inside a container /proc must not be partly masked, or run as root");
  }
  if (!set_read_only("/", true, true)) return Done{};  // a kernel before 5.12: nodes may write
  for (const std::string& path : writable) {
    if (Status made = set_read_only(path, false, false); !made) return made;
  }
  return Done{};
}

}  // namespace sunder
