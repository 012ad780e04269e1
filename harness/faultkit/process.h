#pragma once
// Processes: starting one without privileges, and what the kernel says of one.

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/result.h"

namespace sunder {

struct Launch {
  std::vector<std::string> command;  // the program's path or name first
  std::map<std::string, std::string> environment;
  std::string folder = "/";  // working directory
  std::string log;           // standard output and error are appended to it
  std::optional<uid_t> user; // become this user and group; else stay who we are
  bool held = false;         // stopped before its first instruction, traced by the calling thread
  /// /proc where it can be written to: with it the process is the first that the kernel kills when
  /// memory runs out.
  int proc = -1;
  std::vector<int> doors;    // of control groups to belong to: descriptors that take a "0"
};

/// Starts a process in a session of its own, with all capabilities dropped for good. Errors name
/// what failed, also in the child (a missing program, a missing folder).
Result<pid_t> launch(const Launch& launch);
/// Lets a held process begin.
Status let_go(pid_t held);

struct ProcessInfo {
  char state = '?';               // R, S, D, T, Z ... as in /proc/PID/stat
  std::uint64_t start_ticks = 0;  // since boot: with the pid it names a process for good
};
/// What /proc says; none when there is no such process.
std::optional<ProcessInfo> process_info(pid_t pid);

/// What a process executes, as /proc says: the program's path, and its command line.
struct Executed {
  std::string program;
  std::vector<std::string> command;
};
std::optional<Executed> executed_by(pid_t pid);

}  // namespace sunder
