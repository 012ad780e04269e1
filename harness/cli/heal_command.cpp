#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "harness/cli/commands.h"
#include "harness/faultkit/process.h"
#include "harness/store/journal_file.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

std::int64_t integer_of(const Value& act, std::string_view key) {
  const Value* found = act.find(key);
  return found != nullptr && found->is_integer() ? found->integer() : 0;
}

// The process whose pid stands in an act under `key`, if it still is that process: a pid may have
// been given again since.
std::optional<pid_t> living_process(const Value& act, std::string_view key) {
  auto pid = static_cast<pid_t>(integer_of(act, key));
  std::optional<ProcessInfo> info = pid > 0 ? process_info(pid) : std::nullopt;
  auto start_time = static_cast<std::uint64_t>(integer_of(act, "start_time"));
  bool lives = info && info->state != 'Z' && info->start_ticks == start_time;
  return lives ? std::optional(pid) : std::nullopt;
}

// Whether a run's controller still lives: then its faults are its own business.
bool controller_lives(const std::vector<Value>& acts) {
  return std::any_of(acts.begin(), acts.end(), [](const Value& act) {
    return living_process(act, "controller_pid").has_value();
  });
}

// Ends the processes a dead controller left; their namespaces, devices and mounts go with them.
int heal_run(const fs::path& journal) {
  Result<std::vector<Value>> acts = acts_left(journal);
  if (!acts || acts->empty() || controller_lives(*acts)) return 0;
  int ended = 0;
  for (const Value& act : *acts) {
    if (std::optional<pid_t> disk = living_process(act, "disk_pid")) ::kill(*disk, SIGKILL);
    std::optional<pid_t> pid = living_process(act, "agent_pid");
    if (pid && ::kill(*pid, SIGKILL) == 0) ++ended;
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
