// One campaign file in all three worlds: the simulator, the lab, hosts over SSH. What a system is
// judged to be must not depend on where it ran.

#include <gtest/gtest.h>

#include <fstream>

#include "tests/ssh/support/ssh_run.h"

namespace sunder {
namespace {

constexpr const char* scenario = R"([
  {"at": "1s", "fault": "partition", "targets": "leader", "for": "2s"},
  {"at": "2s", "fault": "delay", "set": {"amount": "20ms"}, "for": "2s"},
  {"at": "4s", "fault": "kill", "targets": "one", "for": "1s"},
  {"at": "6s", "fault": "pause", "targets": "leader", "for": "1500ms"},
  {"at": "8s", "fault": "partition", "targets": "leader", "for": "2s"}
])";

class ParityTest : public SshTest {
 protected:
  /// The exit codes of the run in each world: 0 is valid, 1 invalid, 2 unknown.
  void expect_everywhere(int code, const std::vector<std::string>& more) {
    TemporaryFolder folder;
    std::filesystem::path file = folder.path() / "faults.json";
    std::ofstream(file) << scenario;
    std::vector<std::string> asked = {"--scenario", file.string(), "--time-limit", "11s"};
    asked.insert(asked.end(), more.begin(), more.end());
    for (const char* world : {"sim", "lab", "ssh"}) {
      EXPECT_EQ(run_sunder(net(), folder.path(), "raft", asked, world), code) << world;
    }
    EXPECT_EQ(ours(), 0u);
    for (int host = 1; host <= hosts; ++host) EXPECT_EQ(net().ruleset(host), "");
  }
};

TEST_F(ParityTest, ASoundRaftIsValidInEveryWorld) { expect_everywhere(0, {}); }

TEST_F(ParityTest, StaleReadsAreRefutedInEveryWorld) {
  expect_everywhere(1, {"--flaw", "stale-local-read"});
}

}  // namespace
}  // namespace sunder
