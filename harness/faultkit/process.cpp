#include "harness/faultkit/process.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "harness/core/assert.h"
#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

/// Where a child's start can fail, for the sentence that its parent makes.
enum class Step : int { log, group, folder, user, privileges, hold, program };
constexpr std::array<const char*, 7> step_names = {
    "open its log",        "enter its control group", "enter its folder", "change its user",
    "drop its privileges", "hold it",                 "execute it"};
struct Failure {
  Step step;
  int error;
};

bool drop_privileges() {
  for (int capability = 0; capability <= CAP_LAST_CAP; ++capability) {
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EINVAL && errno != EPERM) {
      return false;
    }
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> none{};
  return ::syscall(SYS_capset, &header, none.data()) == 0 &&
         ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/// Runs between fork and exec: no allocation, nothing that returns on success.
Failure become(const Launch& launch, char* const* command, char* const* environment) {
  ::setsid();
  ::umask(022);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  int log = ::open(launch.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  int nothing = ::open("/dev/null", O_RDONLY);
  if (log < 0 || nothing < 0) return {Step::log, errno};
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  if (launch.proc >= 0) {
    int score = ::openat(launch.proc, "self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (::write(score, "1000", 4) != 4) return {Step::group, errno};
  }
  for (int door : launch.doors) {
    if (::write(door, "0", 1) != 1) return {Step::group, errno};
  }
  ::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);  // what others leaked into us
  if (::chdir(launch.folder.c_str()) != 0) return {Step::folder, errno};
  if (launch.user) {
    // The bounding set must go while the capability to do so is still held.
    for (int capability = 0; capability <= CAP_LAST_CAP; ++capability) {
      (void)::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
    if (::setgroups(0, nullptr) != 0 ||
        ::setresgid(*launch.user, *launch.user, *launch.user) != 0 ||
        ::setresuid(*launch.user, *launch.user, *launch.user) != 0) {
      return {Step::user, errno};
    }
  }
  if (!drop_privileges()) return {Step::privileges, errno};
  if (launch.held && ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) return {Step::hold, errno};
  ::execvpe(command[0], command, environment);
  return {Step::program, errno};
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<pid_t> launch(const Launch& launch) {
  ASSERT(!launch.command.empty());
  std::vector<std::string> command = launch.command;
  std::vector<std::string> environment;
  for (const auto& [name, value] : launch.environment) environment.push_back(name + "=" + value);
  std::vector<char*> command_pointers = pointers_to(command);
  std::vector<char*> environment_pointers = pointers_to(environment);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("make a pipe");
  Descriptor in(ends[0]);
  Descriptor out(ends[1]);
  pid_t pid = ::fork();
  if (pid < 0) return system_error("fork");
  if (pid == 0) {
    Failure failure = become(launch, command_pointers.data(), environment_pointers.data());
    (void)!::write(out.get(), &failure, sizeof failure);
    ::_exit(127);
  }
  out.reset();
  Failure failure{};
  ssize_t size = ::read(in.get(), &failure, sizeof failure);
  if (size != static_cast<ssize_t>(sizeof failure)) {
    // What is traced stops when it has executed its program.
    if (launch.held) ::waitpid(pid, nullptr, 0);
    return pid;
  }
  ::waitpid(pid, nullptr, 0);
  return Error{Error::Code::environment,
               "cannot start " + launch.command[0] + ": failed to " +
                   step_names[static_cast<std::size_t>(failure.step)] + ": " +
                   std::error_code(failure.error, std::generic_category()).message()};
}

Status let_go(pid_t held) {
  if (::ptrace(PTRACE_DETACH, held, nullptr, nullptr) != 0) {
    return system_error("let a process begin");
  }
  return Done{};
}

std::optional<ProcessInfo> process_info(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return {};
  std::size_t name_end = line.rfind(')');  // the name may hold anything, brackets too
  if (name_end == std::string::npos) return {};
  std::istringstream fields(line.substr(name_end + 1));
  ProcessInfo info;
  fields >> info.state;
  std::string skipped;
  for (int field = 4; field < 22; ++field) fields >> skipped;
  if (!(fields >> info.start_ticks)) return {};
  return info;
}

std::optional<Executed> executed_by(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  std::error_code failed;
  std::filesystem::path program = std::filesystem::read_symlink(folder + "/exe", failed);
  std::ifstream words(folder + "/cmdline", std::ios::binary);
  if (failed || !words) return {};
  Executed executed{.program = program.string()};
  for (std::string word; std::getline(words, word, '\0');) executed.command.push_back(word);
  return executed;
}

}  // namespace sunder
