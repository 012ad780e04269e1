// Whole runs through the real executables: the same scenario in both worlds, a starved harness, a
// killed controller, two runs at a time.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "harness/faultkit/namespaces.h"
#include "tests/cli/support/command.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// Whether this machine lets us make a lab at all; asked in a child, which may then lose itself.
bool lab_works() {
  pid_t child = ::fork();
  if (child == 0) ::_exit(enter_lab_namespaces() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#define NEEDS_LAB() \
  if (!lab_works()) GTEST_SKIP() << "this machine allows no namespaces; see 'sunder doctor'"

std::vector<std::string> run_raft(const std::string& world, std::vector<std::string> more,
                                  const std::string& time_limit = "6s") {
  std::vector<std::string> command{built("sunder"),  "run",      "raft", "-w",     "register",
                                   "--world",        world,      "-n",   "partition",
                                   "--interval",     "1500ms",   "--time-limit", time_limit,
                                   "--rate",         "100",      "--seed", "11"};
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

class ParityTest : public testing::TestWithParam<std::string> {};

TEST_P(ParityTest, OneScenarioHasOneVerdictInBothWorlds) {
  NEEDS_LAB();
  ScratchFolder folder;
  std::vector<std::string> more;
  if (!GetParam().empty()) more = {"--flaw", GetParam()};
  CommandResult simulated = run_program(run_raft("sim", more), folder.path());
  CommandResult real = run_program(run_raft("lab", more), folder.path());
  EXPECT_EQ(simulated.exit_code, GetParam().empty() ? 0 : 1) << simulated.out << simulated.err;
  EXPECT_EQ(real.exit_code, simulated.exit_code) << real.out << real.err;
}

INSTANTIATE_TEST_SUITE_P(Worlds, ParityTest, testing::Values("", "stale-local-read"),
                         [](const auto& flaw) {
                           return flaw.param.empty() ? std::string("sound") : "stale_local_read";
                         });

/// Operators change voters and leaders: {world, flaw}.
class OperatorsTest : public testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(OperatorsTest, HaveTheSameVerdictInBothWorlds) {
  auto [world, flaw] = GetParam();
  if (world == "lab") NEEDS_LAB();
  ScratchFolder folder;
  std::vector<std::string> command{built("sunder"), "run", "raft", "-w", "register", "--world",
                                   world, "-n", "members,transfer", "--interval", "1s",
                                   "--time-limit", "8s", "--rate", "100", "--seed", "11"};
  if (!flaw.empty()) command.insert(command.end(), {"--flaw", flaw});
  CommandResult result = run_program(command, folder.path());
  EXPECT_EQ(result.exit_code, flaw.empty() ? 0 : 1) << result.out << result.err;
}

INSTANTIATE_TEST_SUITE_P(Worlds, OperatorsTest,
                         testing::Values(std::pair("sim", ""), std::pair("lab", ""),
                                         std::pair("sim", "committed-configuration"),
                                         std::pair("lab", "committed-configuration")),
                         [](const auto& tested) {
                           bool sound = tested.param.second.empty();
                           return tested.param.first + (sound ? "_sound" : "_flawed");
                         });

TEST(Campaign, AStarvedRunConfirmsNothing) {
  NEEDS_LAB();
  ScratchFolder folder;
  CommandResult result = run_program(run_raft("lab", {"--switch-stall", "300ms"}), folder.path());
  EXPECT_EQ(result.exit_code, 2) << result.out << result.err;
  EXPECT_NE(result.out.find("not confirmed"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("harness itself was late"), std::string::npos) << result.out;
}

TEST(Campaign, TwoRunsGoOnSideBySide) {
  NEEDS_LAB();
  ScratchFolder folder;
  CommandResult first;
  std::thread other([&] { first = run_program(run_raft("lab", {}), folder.path()); });
  CommandResult second = run_program(run_raft("lab", {}), folder.path());
  other.join();
  EXPECT_EQ(first.exit_code, 0) << first.out << first.err;
  EXPECT_EQ(second.exit_code, 0) << second.out << second.err;
}

// In new namespaces the kernel no longer tells a program where it lies when that is not on the root
// file system.
TEST(Campaign, AControllerOnAMountOfItsOwnFindsItsSiblings) {
  NEEDS_LAB();
  ScratchFolder folder;
  std::vector<std::string> command{"/usr/bin/unshare", "--mount", "--propagation", "private"};
  if (::geteuid() != 0) command.insert(command.end(), {"--user", "--map-root-user"});
  std::string elsewhere = folder.path() / "elsewhere";
  fs::create_directory(elsewhere);
  command.insert(command.end(), {"sh", "-c", R"(mount --bind "$0" "$1" && shift && exec "$@")",
                                 SUNDER_BINARY_DIR, elsewhere, elsewhere + "/sunder"});
  std::vector<std::string> run = run_raft("lab", {}, "1s");
  command.insert(command.end(), run.begin() + 1, run.end());
  CommandResult result = run_program(command, folder.path());
  EXPECT_NE(result.exit_code, 69) << result.err;
  EXPECT_TRUE(fs::exists(folder.path() / "store" / "latest" / "report.html")) << result.err;
}

pid_t number_at(const std::string& line, std::size_t at) {
  pid_t number = 0;
  std::from_chars(line.data() + at, line.data() + line.size(), number);
  return number;
}

// The parent of each process of this machine.
std::map<pid_t, pid_t> parents() {
  std::map<pid_t, pid_t> all;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    std::ifstream in(entry.path() / "stat");
    std::string line;
    std::size_t name_end = std::getline(in, line) ? line.rfind(") ") : std::string::npos;
    if (name_end == std::string::npos || line.size() < name_end + 5) continue;
    all[number_at(line, 0)] = number_at(line, name_end + 4);  // ") S PPID"
  }
  return all;
}

std::set<pid_t> descendants_of(pid_t root) {
  std::map<pid_t, pid_t> all = parents();
  std::set<pid_t> found{root};
  for (std::size_t before = 0; before != found.size();) {
    before = found.size();
    for (auto [pid, parent] : all) {
      if (found.contains(parent)) found.insert(pid);
    }
  }
  found.erase(root);
  return found;
}

TEST(Campaign, AKilledControllerLeavesAReadableHistoryAndNothingElse) {
  NEEDS_LAB();
  ScratchFolder folder;
  fs::path store = folder.path() / "store";
  std::vector<std::string> command =
      run_raft("lab", {"--store", store.string()}, "60s");
  pid_t controller = ::fork();
  if (controller == 0) {
    std::vector<char*> argv;
    for (std::string& word : command) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::freopen("/dev/null", "w", stderr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  std::this_thread::sleep_for(4s);
  std::set<pid_t> started = descendants_of(controller);
  EXPECT_GE(started.size(), 10u) << "an agent and a node for each of five";
  ASSERT_EQ(::kill(controller, SIGKILL), 0);
  int status = 0;
  ::waitpid(controller, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the run ended before it was killed";

  CommandResult healed = run_program({built("sunder"), "heal", "--store", store}, folder.path());
  EXPECT_EQ(healed.exit_code, 0) << healed.err;
  auto some_left = [&] {
    std::map<pid_t, pid_t> all = parents();
    return std::any_of(started.begin(), started.end(),
                       [&](pid_t pid) { return all.contains(pid); });
  };
  for (int i = 0; i < 40 && some_left(); ++i) std::this_thread::sleep_for(50ms);
  EXPECT_FALSE(some_left());
  CommandResult checked = run_program({built("sunder"), "check", store / "latest" / "history.jsonl",
                                       "--datatype", "cas-register"},
                                      folder.path());
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  CommandResult report = run_program({built("sunder"), "report", store / "latest"}, folder.path());
  EXPECT_EQ(report.exit_code, 0) << report.err;
}

}  // namespace
}  // namespace sunder
