#include <signal.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness/cli/commands.h"
#include "harness/store/journal_file.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

// The start time of a process in clock ticks since boot (field 22 of /proc/PID/stat): with the pid
// it names one process for good. 0 when there is none.
std::int64_t start_time_of(std::int64_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(in, line)) return 0;
  std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(line.substr(name_end + 1));
  std::string field;
  for (int i = 3; i <= 22; ++i) fields >> field;
  std::int64_t ticks = 0;
  std::from_chars(field.data(), field.data() + field.size(), ticks);
  return ticks;
}

std::int64_t integer_of(const Value& act, std::string_view key) {
  const Value* found = act.find(key);
  return found != nullptr && found->is_integer() ? found->integer() : 0;
}

// Whether a run's controller still lives: then its faults are its own business.
bool controller_lives(const std::vector<Value>& acts) {
  for (const Value& act : acts) {
    std::int64_t pid = integer_of(act, "controller_pid");
    if (pid > 0 && start_time_of(pid) == integer_of(act, "start_time")) return true;
  }
  return false;
}

// Ends the processes a dead controller left; their namespaces, devices and mounts go with them.
int heal_run(const fs::path& journal) {
  Result<std::vector<Value>> acts = acts_left(journal);
  if (!acts || acts->empty() || controller_lives(*acts)) return 0;
  int ended = 0;
  for (const Value& act : *acts) {
    std::int64_t pid = integer_of(act, "agent_pid");
    if (pid <= 0 || start_time_of(pid) != integer_of(act, "start_time")) continue;
    if (::kill(static_cast<pid_t>(pid), SIGKILL) == 0) ++ended;
  }
  if (ended > 0) {
    std::printf("%s: ended %d node%s\n", journal.parent_path().c_str(), ended,
                ended == 1 ? "" : "s");
  }
  return ended;
}

}  // namespace

ExitCode heal_command(const std::string& store) {
  std::error_code error;
  fs::recursive_directory_iterator folders(
      store, fs::directory_options::skip_permission_denied, error);
  if (error) {
    return fail_with(Error{Error::Code::not_found, "cannot read the store " + store + ": " +
                                                       error.message()});
  }
  int ended = 0;
  int runs = 0;
  for (const fs::directory_entry& entry : folders) {
    if (folders.depth() > 2) folders.disable_recursion_pending();
    if (entry.path().filename() != "faults.jsonl") continue;
    ++runs;
    ended += heal_run(entry.path());
  }
  std::printf("%d run%s looked at; %s\n", runs, runs == 1 ? "" : "s",
              ended == 0 ? "nothing was left to undo" : "what was left is undone");
  return exit_valid;
}

}  // namespace sunder
