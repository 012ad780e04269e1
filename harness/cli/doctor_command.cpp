#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "harness/cli/binaries.h"
#include "harness/cli/commands.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

void print_row(bool good, const std::string& what, const std::string& detail) {
  std::printf("  %-4s %-26s %s\n", good ? "ok" : "NO", what.c_str(), detail.c_str());
}

// Tries in a child what the lab does first; returns 0 or the errno.
int try_namespaces() {
  pid_t child = ::fork();
  if (child < 0) return errno;
  if (child == 0) {
    int flags = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID;
    if (::geteuid() != 0) flags |= CLONE_NEWUSER;
    ::_exit(::unshare(flags) == 0 ? 0 : errno & 0xff);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : EINVAL;
}

bool check_lab() {
  int failed = try_namespaces();
  bool root = ::geteuid() == 0;
  std::string how = root ? "as root" : "in an unprivileged user namespace";
  print_row(failed == 0, "namespaces",
            failed == 0 ? how
                        : how + ": " + std::strerror(failed) +
                              (root ? "; this container forbids them"
                                    : "; allow user namespaces (sysctl "
                                      "kernel.unprivileged_userns_clone=1, "
                                      "user.max_user_namespaces > 0) or run as root"));
  int tun = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  print_row(true, "network ports",
            tun >= 0 ? "TAP devices" : "veth with packet sockets (/dev/net/tun cannot be opened)");
  if (tun >= 0) ::close(tun);
  Result<std::string> crashfs = sibling_binary("sunder-crashfs");
  bool fuse = root && ::access("/dev/fuse", R_OK | W_OK) == 0;
  print_row(fuse && crashfs, "disk faults",
            !crashfs ? crashfs.error().context
            : fuse   ? *crashfs + ", /dev/fuse"
            : root   ? "/dev/fuse cannot be opened; load the kernel module fuse"
                     : "need root");
  bool good = failed == 0;
  for (const char* name : {"sunder-agent", "sunder-node"}) {
    Result<std::string> binary = sibling_binary(name);
    print_row(static_cast<bool>(binary), name, binary ? *binary : binary.error().context);
    good = good && binary;
  }
  return good;
}

void check_stores() {
  Catalogues catalogues = all_catalogues();
  for (const System& system : catalogues.systems.all()) {
    if (!system.service) continue;
    Result<std::string> binary = binary_on_path(system.service->binary);
    print_row(static_cast<bool>(binary), system.name,
              binary ? *binary : "not installed: " + system.service->install);
  }
}

bool check_store(const std::string& store) {
  fs::path folder = fs::absolute(store);
  fs::path existing = folder;
  while (!fs::exists(existing)) existing = existing.parent_path();
  bool writable = ::access(existing.c_str(), W_OK) == 0;
  std::error_code error;
  std::uintmax_t free = fs::space(existing, error).available >> 20;
  print_row(writable, "store " + store,
            (writable ? "writable, " : "cannot be written; use --store DIR; ") +
                std::to_string(free) + " MB free");
  return writable;
}

}  // namespace

ExitCode doctor_command(const std::string& store) {
  std::printf("simulator (--world sim)\n");
  print_row(true, "needs nothing", "");
  std::printf("lab (--world lab)\n");
  bool lab = check_lab();
  std::printf("third-party stores (in the lab)\n");
  check_stores();
  std::printf("runs\n");
  print_row(true, "processors", std::to_string(::sysconf(_SC_NPROCESSORS_ONLN)));
  bool writable = check_store(store);
  return lab && writable ? exit_valid : exit_environment;
}

}  // namespace sunder
