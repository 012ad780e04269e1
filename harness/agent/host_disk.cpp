#include "harness/agent/host_disk.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "harness/agent/fields.h"
#include "harness/core/json.h"
#include "harness/faultkit/family.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto mount_limit = std::chrono::seconds(10);
constexpr auto answer_limit = std::chrono::seconds(4);   // who asks us waits a little longer
constexpr auto unmount_limit = std::chrono::seconds(3);  // then it is killed
// If a sync took no time, hardly a power cut would fall into one.
constexpr const char* sync_ms = "5";
constexpr int control_descriptor = 3;

int milliseconds_until(Clock::time_point deadline) {
  auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

/// Waits for input: whether it has come in time.
bool input_comes(int descriptor, Clock::time_point deadline) {
  pollfd watch{descriptor, POLLIN, 0};
  int ready = 0;
  while ((ready = ::poll(&watch, 1, milliseconds_until(deadline))) < 0 && errno == EINTR) {
  }
  return ready > 0;
}

struct Ends {
  Descriptor ours;
  Descriptor theirs;
};

Result<Ends> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("make a pipe");
  return Ends{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<Ends> make_socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return system_error("make a socket pair for a disk");
  }
  return Ends{Descriptor(ends[0]), Descriptor(ends[1])};
}

/// Between fork and exec.
[[noreturn]] void become_disk(char* const* command, int control, int output, int errors) {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // Out of the way of the numbers that they are to have.
  constexpr int out_of_the_way = 16;
  int high_control = ::fcntl(control, F_DUPFD, out_of_the_way);
  int high_output = ::fcntl(output, F_DUPFD, out_of_the_way);
  int high_errors = ::fcntl(errors, F_DUPFD, out_of_the_way);
  ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(high_output, STDOUT_FILENO);
  ::dup2(high_errors, STDERR_FILENO);
  ::dup2(high_control, control_descriptor);
  ::syscall(SYS_close_range, control_descriptor + 1, ~0u, 0u);
  ::execv(command[0], command);
  ::_exit(127);
}

}  // namespace

Status disks_are_possible() {
  Descriptor device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
  if (device) return Done{};
  return system_error("open /dev/fuse", "load the kernel's module: modprobe fuse");
}

Result<std::unique_ptr<HostDisk>> HostDisk::mount(const Place& place) {
  Result<Ends> control = make_socket_pair();
  Result<Ends> output = make_pipe();
  Result<Ends> errors = make_pipe();
  if (!control || !output || !errors) return system_error("make ways to a disk");
  std::vector<std::string> words = {
      place.program.string(), place.folder.string(), "--control-descriptor",
      std::to_string(control_descriptor), "--log", place.log.string(), "--seed",
      std::to_string(place.seed), "--sync-ms", sync_ms};
  std::vector<char*> command;
  for (std::string& word : words) command.push_back(word.data());
  command.push_back(nullptr);
  pid_t child = ::fork();
  if (child < 0) return system_error("fork");
  if (child == 0) {
    become_disk(command.data(), control->theirs.get(), output->theirs.get(),
                errors->theirs.get());
  }
  std::unique_ptr<HostDisk> disk(new HostDisk);
  disk->pid_ = child;
  // Before anyone reaps it: a number may be given to another process, this descriptor not.
  disk->process_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, child, 0u)));
  disk->socket_ = std::move(control->ours);
  for (Ends* ends : {&*control, &*output, &*errors}) ends->theirs.reset();
  Status ready = disk->await_ready(output->ours.get(), errors->ours.get());
  if (ready) return disk;
  return Error{Error::Code::environment,
               "no disk at " + place.folder.string() + ": " + ready.error().context};
}

Status HostDisk::await_ready(int output, int errors) {
  std::array<char, 512> text{};
  if (!input_comes(output, Clock::now() + mount_limit)) {
    return Error{Error::Code::environment, "it is not ready in time"};
  }
  ssize_t size = ::read(output, text.data(), text.size());
  if (size > 0 && std::string_view(text.data(), static_cast<std::size_t>(size)) == "ready\n") {
    return Done{};
  }
  size = input_comes(errors, Clock::now()) ? ::read(errors, text.data(), text.size()) : 0;
  std::string why(text.data(), static_cast<std::size_t>(std::max<ssize_t>(0, size)));
  while (why.ends_with('\n')) why.pop_back();
  return Error{Error::Code::environment, why.empty() ? "it does not start" : why};
}

HostDisk::~HostDisk() {
  socket_.reset();
  if (!process_) return;
  if (input_comes(process_.get(), Clock::now() + unmount_limit)) return;
  ::syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0u);
  (void)input_comes(process_.get(), Clock::now() + unmount_limit);
}

std::vector<pid_t> HostDisk::processes() const {
  std::vector<pid_t> all = family_of(pid_);
  all.push_back(pid_);
  return all;
}

Result<Map> HostDisk::ask(const Value& request) {
  std::string line = to_json(request) + "\n";
  if (::send(socket_.get(), line.data(), line.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(line.size())) {
    return Error{Error::Code::environment, "the node's disk has ended; its data is lost"};
  }
  Result<Map> answer = hear();
  if (answer) note(request);
  return answer;
}

/// Nobody else asks, so that the next line is the answer. After one that did not come in time
/// there is no order any longer.
Result<Map> HostDisk::hear() {
  const Clock::time_point deadline = Clock::now() + answer_limit;
  std::array<char, 16384> bytes;
  std::size_t end = std::string::npos;
  while ((end = heard_.find('\n')) == std::string::npos) {
    ssize_t size = input_comes(socket_.get(), deadline)
                       ? ::recv(socket_.get(), bytes.data(), bytes.size(), 0) : 0;
    if (size <= 0) {
      socket_.reset();
      return Error{Error::Code::environment, "the node's disk does not answer; its data is lost"};
    }
    heard_.append(bytes.data(), static_cast<std::size_t>(size));
  }
  Result<Value> reply = parse_json(std::string_view(heard_).substr(0, end));
  heard_.erase(0, end + 1);
  if (!reply || !reply->is_map()) return Error{Error::Code::malformed, "a disk talks nonsense"};
  if (std::string why = text_of(*reply, "error"); !why.empty()) {
    return Error{Error::Code::refused, why};
  }
  return reply->map();
}

void HostDisk::note(const Value& request) {
  std::string act = text_of(request, "do");
  if (act == "fault") rules_.insert(text_of(request, "rule"));
  if (act == "lift") rules_.erase(text_of(request, "rule"));
  if (act == "rot" || act == "cut-short") damages_.insert(act);
  if (act == "mend") damages_.erase(text_of(request, "what"));
}

bool HostDisk::straighten() {
  bool something = !rules_.empty() || !damages_.empty();
  auto tell = [this](const char* act, const char* key, const std::string& what) {
    Map request;
    request["do"] = act;
    request[key] = what;
    (void)ask(request);
  };
  for (const std::string& rule : std::exchange(rules_, {})) tell("lift", "rule", rule);
  for (const std::string& damage : std::exchange(damages_, {})) tell("mend", "what", damage);
  return something;
}

}  // namespace sunder
