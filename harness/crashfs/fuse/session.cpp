#include "harness/crashfs/fuse/session.h"

#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "harness/crashfs/fuse/request.h"
#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/system_error.h"

namespace sunder::crashfs {
namespace {

// Requests that hang or wait occupy a thread each, and others must still be answered.
constexpr unsigned threads_max = 256;
constexpr unsigned threads_idle = 4;

struct Watchdog {
  pid_t process = -1;
  Descriptor life;  // closed with this process, however it ends
};

/// Forks a process that waits for the end of this one and then detaches the mount.
Result<Watchdog> start_watchdog(const std::string& folder) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("make a pipe");
  Descriptor read_end(ends[0]);
  Watchdog watchdog{-1, Descriptor(ends[1])};
  watchdog.process = ::fork();
  if (watchdog.process < 0) return system_error("fork");
  if (watchdog.process > 0) return watchdog;
  watchdog.life.reset();
  ::setsid();  // signals to the group are for the file system
  for (int number : {SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_IGN);
  // What else this process holds must not seem alive through us: output pipes, a control socket.
  int kept = ::dup2(read_end.get(), 0);
  ::close_range(1, ~0u, 0);
  char last = 0;
  ssize_t heard = 0;
  while ((heard = ::read(kept, &last, 1)) < 0 && errno == EINTR) {
  }
  if (heard == 0) ::umount2(folder.c_str(), MNT_DETACH);
  ::_exit(0);
}

fuse_lowlevel_ops handlers() {
  fuse_lowlevel_ops all{};
  add_name_handlers(all);
  add_data_handlers(all);
  return all;
}

}  // namespace

struct Session::Parts {
  Disk& disk;
  std::string folder;
  Watchdog watchdog;
  fuse_lowlevel_ops handlers;
  fuse_session* session = nullptr;
  bool mounted = false;
};

Session::Session(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<Session>> Session::mount(const std::string& folder, Disk& disk) {
  Result<Watchdog> watchdog = start_watchdog(folder);
  if (!watchdog) return watchdog.error();
  std::unique_ptr<Session> made(
      new Session(std::make_unique<Parts>(Parts{disk, folder, *std::move(watchdog), handlers()})));
  Parts& parts = *made->parts_;
  std::string name = "sunder-crashfs";
  std::string flag = "-o";
  // The kernel checks permissions; others than root may use the mount, since nodes are others.
  std::string options = "default_permissions,fsname=crashfs,subtype=sunder";
  if (::geteuid() == 0) options += ",allow_other";
  std::array<char*, 4> arguments{name.data(), flag.data(), options.data(), nullptr};
  fuse_args args = FUSE_ARGS_INIT(3, arguments.data());
  parts.session = fuse_session_new(&args, &parts.handlers, sizeof parts.handlers, &disk);
  fuse_opt_free_args(&args);
  if (parts.session == nullptr) {
    return Error{Error::Code::environment, "cannot make a FUSE session"};
  }
  // Before anybody is told that there is something to end.
  if (fuse_set_signal_handlers(parts.session) != 0) return system_error("handle signals");
  if (fuse_session_mount(parts.session, folder.c_str()) != 0) {
    return Error{Error::Code::environment,
                 "cannot mount at " + folder + ": it must be a folder, /dev/fuse must be there and "
                 "writable, and a user that is not root needs fusermount3 (package fuse3)"};
  }
  parts.mounted = true;
  return made;
}

Session::~Session() {
  Parts& parts = *parts_;
  if (parts.mounted) fuse_session_unmount(parts.session);
  // Programs may still be in there, and then only a detached mount is gone for sure.
  if (parts.mounted) ::umount2(parts.folder.c_str(), MNT_DETACH);
  if (parts.session != nullptr) {
    fuse_remove_signal_handlers(parts.session);
    fuse_session_destroy(parts.session);
  }
  char last = 0;
  (void)!::write(parts.watchdog.life.get(), &last, 1);
  while (::waitpid(parts.watchdog.process, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Status Session::serve() {
  Parts& parts = *parts_;
  fuse_loop_config* config = fuse_loop_cfg_create();
  fuse_loop_cfg_set_clone_fd(config, 0);
  fuse_loop_cfg_set_max_threads(config, threads_max);
  fuse_loop_cfg_set_idle_threads(config, threads_idle);
  int ended = fuse_session_loop_mt(parts.session, config);
  fuse_loop_cfg_destroy(config);
  if (ended < 0) {
    return Error{Error::Code::environment,
                 "the FUSE session broke: " + std::string(std::strerror(-ended))};
  }
  return Done{};
}

void Session::forget_caches(const std::vector<Ino>& inodes) {
  // Those that the kernel does not know are refused, which is as good.
  for (Ino inode : inodes) (void)fuse_lowlevel_notify_inval_inode(parts_->session, inode, 0, 0);
}

}  // namespace sunder::crashfs
