#include "tests/crashfs/support/mounted.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include "harness/core/json.h"

namespace sunder::crashfs {
namespace {

/// The first line of a descriptor; empty at its end.
std::string read_line(int descriptor) {
  std::string line;
  char byte = 0;
  while (::read(descriptor, &byte, 1) == 1 && byte != '\n') line += byte;
  return line;
}

Descriptor connect_to(const std::string& path) {
  sockaddr_un place{};
  place.sun_family = AF_UNIX;
  path.copy(place.sun_path, sizeof place.sun_path - 1);
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&place), sizeof place), 0)
      << std::strerror(errno);
  return socket;
}

}  // namespace

std::string why_no_mount() {
  if (::geteuid() != 0) return "mounting a crashfs is tested as root only";
  Descriptor device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
  if (!device) return "/dev/fuse cannot be opened";
  static const bool entered = ::unshare(CLONE_NEWNS) == 0 &&
                              ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return entered ? "" : "no mount namespace can be made";
}

Mounted::Mounted(const std::vector<std::string>& options) {
  std::string pattern = (std::filesystem::temp_directory_path() / "crashfs-XXXXXX").string();
  place_ = ::mkdtemp(pattern.data());
  std::filesystem::create_directory(folder());
  std::string control = (place_ / "control").string();
  std::vector<std::string> words{SUNDER_BINARY_DIR "/sunder-crashfs", folder().string(),
                                 "--control", control, "--log", log().string()};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  Descriptor output(ends[0]);
  Descriptor input(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input.get(), 1);
  EXPECT_EQ(::posix_spawn(&process_, arguments[0], &actions, nullptr, arguments.data(), environ),
            0);
  ::posix_spawn_file_actions_destroy(&actions);
  input.reset();
  EXPECT_EQ(read_line(output.get()), "ready");
  control_ = connect_to(control);
}

Mounted::~Mounted() {
  if (process_ > 0) {
    Map end;
    end["do"] = "end";
    ask(std::move(end));
    int status = 0;
    EXPECT_EQ(::waitpid(process_, &status, 0), process_);
    EXPECT_EQ(status, 0);
  }
  EXPECT_FALSE(is_mounted());
  std::error_code ignored;
  std::filesystem::remove_all(place_, ignored);
}

Value Mounted::ask(Map request, bool refusal) {
  std::string line = to_json(Value(std::move(request))) + "\n";
  EXPECT_EQ(::send(control_.get(), line.data(), line.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(line.size()));
  Result<Value> answer = parse_json(read_line(control_.get()));
  if (!answer) {
    ADD_FAILURE() << answer.error().context;
    return {};
  }
  EXPECT_EQ(answer->find("error") != nullptr, refusal) << line << to_json(*answer);
  return *std::move(answer);
}

Value Mounted::crash(std::string_view policy, std::uint64_t seed) {
  Map request;
  request["do"] = "crash";
  request["policy"] = policy;
  request["seed"] = static_cast<std::int64_t>(seed);
  return ask(std::move(request));
}

void Mounted::sync_everything() {
  Map request;
  request["do"] = "sync";
  ask(std::move(request));
}

void Mounted::kill() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

bool Mounted::is_mounted() const {
  std::ifstream mounts("/proc/self/mounts");
  std::string line;
  while (std::getline(mounts, line)) {
    if (line.find(" " + folder().string() + " ") != std::string::npos) return true;
  }
  return false;
}

Program::Program(const std::function<void(const std::function<void()>& done)>& run) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  acts_ = Descriptor(ends[0]);
  Descriptor input(ends[1]);
  process_ = ::fork();
  if (process_ != 0) return;
  run([&] { (void)!::write(input.get(), "x", 1); });
  ::_exit(0);
}

Program::~Program() {
  if (process_ > 0) kill();
}

int Program::take(int wait_ms) {
  std::array<char, 256> input{};
  pollfd watch{acts_.get(), POLLIN, 0};
  if (::poll(&watch, 1, wait_ms) <= 0) return 0;
  ssize_t count = ::read(acts_.get(), input.data(), input.size());
  silent_ = count <= 0;
  finished_ += static_cast<int>(std::max<ssize_t>(count, 0));
  return static_cast<int>(count);
}

int Program::await(int acts) {
  constexpr int patience_ms = 20'000;
  while (finished_ < acts && !silent_) {
    if (take(patience_ms) <= 0) break;
  }
  return finished_;
}

bool Program::ended_within(int milliseconds) {
  auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  while (::waitpid(process_, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  process_ = -1;
  return true;
}

int Program::kill() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
  while (!silent_) take(-1);
  return finished_;
}

}  // namespace sunder::crashfs
