// sunder-crashfs FOLDER --control SOCKET: mounts a disk of memory that forgets what was not synced.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <optional>

#include "harness/crashfs/control_socket.h"
#include "harness/crashfs/fuse/session.h"

namespace sunder::crashfs {
namespace {

constexpr int exit_usage = 64;
constexpr int exit_environment = 69;

struct CommandLine {
  std::string folder;
  std::string control;
  std::string log;
  std::uint64_t seed = 0;
  VolumeOptions volume;
  int control_descriptor = -1;
  std::int64_t sync_ms = 0;
};

const char* const usage =
    "usage: sunder-crashfs FOLDER --control SOCKET | --control-descriptor N [--log FILE]\n"
    "                      [--seed N] [--capacity BYTES] [--names strict|journaled]\n"
    "                      [--sync-ms N]\n"
    "Mounts an empty disk in memory at FOLDER and says \"ready\". SOCKET takes one JSON object a\n"
    "line and answers each when it is done: {\"do\": \"crash\", \"policy\": \"torn-512\"} ...\n"
    "--names journaled: any sync makes all earlier changes of names durable, as ext4 does.\n"
    "--sync-ms: how long a sync takes, as on a disk that is none of memory.\n"
    "--control-descriptor: the socket is open already, and its end is that of the mount.\n";

template <class T>
bool take_number(std::string_view text, T& out) {
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

std::optional<CommandLine> parse(int argc, char** argv) {
  CommandLine line;
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (!word.starts_with("--")) {
      if (!line.folder.empty()) return {};
      line.folder = word;
      continue;
    }
    if (++i == argc) return {};
    std::string_view value = argv[i];
    bool understood = true;
    if (word == "--control") {
      line.control = value;
    } else if (word == "--control-descriptor") {
      understood = take_number(value, line.control_descriptor) && line.control_descriptor >= 0;
    } else if (word == "--sync-ms") {
      understood = take_number(value, line.sync_ms) && line.sync_ms >= 0;
    } else if (word == "--log") {
      line.log = value;
    } else if (word == "--seed") {
      understood = take_number(value, line.seed);
    } else if (word == "--capacity") {
      understood = take_number(value, line.volume.capacity);
    } else if (word == "--names" && (value == "strict" || value == "journaled")) {
      line.volume.order = value == "strict" ? NameOrder::strict : NameOrder::journaled;
    } else {
      understood = false;
    }
    if (!understood) return {};
  }
  if (line.folder.empty() || line.control.empty() == (line.control_descriptor < 0)) return {};
  return line;
}

/// The root belongs to whom the folder belongs that it covers, or its users could not use it.
void take_over_owner(const std::string& folder, Disk& disk) {
  struct stat covered {};
  if (::stat(folder.c_str(), &covered) != 0) return;
  disk.with([&](Volume& volume, FaultRules&) {
    Attributes attributes = *volume.attributes(root);
    attributes.mode = S_IFDIR | (covered.st_mode & 07777);
    attributes.user = covered.st_uid;
    attributes.group = covered.st_gid;
    volume.change(root, attributes);
  });
}

/// Ends the file system's loop from another thread. libfuse looks whether it shall end, then waits:
/// a signal in between would be lost, so it is sent until the loop has ended.
class Ending {
 public:
  void demand() {
    std::unique_lock lock(mutex_);
    do {
      ::kill(::getpid(), SIGTERM);
    } while (!wake_.wait_for(lock, std::chrono::milliseconds(20), [this] { return ended_; }));
  }
  void ended() {
    std::lock_guard lock(mutex_);
    ended_ = true;
    wake_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ended_ = false;
};

int complain(const Error& error) {
  std::fprintf(stderr, "sunder-crashfs: %s\n", error.context.c_str());
  return exit_environment;
}

/// Signals end the file system, also when who started it had blocked them in itself.
void listen_to_signals() {
  sigset_t ends;
  ::sigemptyset(&ends);
  for (int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&ends, number);
  ::sigprocmask(SIG_UNBLOCK, &ends, nullptr);
}

int run(const CommandLine& line) {
  listen_to_signals();
  if (line.control_descriptor >= 0) {
    ::setsid();  // the terminal's interrupt is for the other side of the socket
    ::fcntl(line.control_descriptor, F_SETFD, FD_CLOEXEC);
  }
  Descriptor log;
  if (!line.log.empty()) {
    log = Descriptor(::open(line.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!log) {
      std::fprintf(stderr, "sunder-crashfs: cannot open %s: %s\n", line.log.c_str(),
                   std::strerror(errno));
      return exit_environment;
    }
  }
  Disk disk(line.volume, line.seed);
  take_over_owner(line.folder, disk);
  if (line.sync_ms > 0) {
    FaultRule slow{.name = "sync-ms", .operations = {Operation::fsync}};
    slow.delay = std::chrono::milliseconds(line.sync_ms);
    disk.with([&](Volume&, FaultRules& rules) { rules.impose(std::move(slow)); });
  }
  Result<std::unique_ptr<Session>> session = Session::mount(line.folder, disk);
  if (!session) return complain(session.error());
  Result<std::unique_ptr<ControlSocket>> socket =
      line.control_descriptor < 0 ? ControlSocket::listen(line.control)
                                  : ControlSocket::adopt(Descriptor(line.control_descriptor));
  if (!socket) return complain(socket.error());
  Ending ending;
  Control control(disk, {
      .forget_caches = [&](const std::vector<Ino>& inodes) { (*session)->forget_caches(inodes); },
      .log = [&](const Value& event) {
        std::string text = to_json(event) + "\n";
        if (log) (void)!::write(log.get(), text.data(), text.size());
      },
      .end = [&] {
        disk.end();
        ending.demand();
      },
  });
  (*socket)->serve(control);
  std::printf("ready\n");
  std::fflush(stdout);
  Status served = (*session)->serve();
  disk.end();
  ending.ended();
  socket->reset();
  return served ? 0 : complain(served.error());
}

}  // namespace
}  // namespace sunder::crashfs

int main(int argc, char** argv) {
  std::optional<sunder::crashfs::CommandLine> line = sunder::crashfs::parse(argc, argv);
  if (!line) {
    std::fputs(sunder::crashfs::usage, stderr);
    return sunder::crashfs::exit_usage;
  }
  return sunder::crashfs::run(*line);
}
