// A third-party store through the whole program: partitions of a real etcd cluster in the lab. Its
// quorum reads must never be called stale; its local reads must be found out.

#include <gtest/gtest.h>

#include "tests/cli/support/command.h"

namespace sunder {
namespace {

CommandResult run_etcd(const std::filesystem::path& folder, const std::string& serializable) {
  return run_program(
      {built("sunder"), "run", "etcd", "-w", "register", "-n", "partition", "--interval", "2s",
       "--time-limit", "12s", "--seed", "7", "--set", "serializable=" + serializable},
      folder);
}

// Exit code 69: etcd or the lab's namespaces are missing on this machine.
#define SKIP_WHERE_IMPOSSIBLE(result) \
  if ((result).exit_code == 69) GTEST_SKIP() << (result).err

TEST(EtcdCampaign, QuorumReadsAreNeverFoundStale) {
  ScratchFolder folder;
  const CommandResult result = run_etcd(folder.path(), "false");
  SKIP_WHERE_IMPOSSIBLE(result);
  // Unknown is what a starved machine may come to; invalid would be a lie about etcd.
  EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 2) << result.out << result.err;
  EXPECT_EQ(result.out.find("Not linearizable"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("operations on"), std::string::npos) << result.out;
}

TEST(EtcdCampaign, LocalReadsAreFoundStale) {
  ScratchFolder folder;
  const CommandResult result = run_etcd(folder.path(), "true");
  SKIP_WHERE_IMPOSSIBLE(result);
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_NE(result.out.find("Not linearizable"), std::string::npos) << result.out;
}

TEST(EtcdCampaign, MembersThatCannotLookEachOtherUpAreFoundOut) {
  ScratchFolder folder;
  const CommandResult result = run_program(
      {built("sunder"), "run", "etcd", "-w", "register", "-n", "dns,reset", "--nodes", "3",
       "--interval", "1s", "--time-limit", "12s", "--seed", "7", "--set", "dns.targets=all"},
      folder.path());
  SKIP_WHERE_IMPOSSIBLE(result);
  EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 2) << result.out << result.err;
  EXPECT_EQ(result.out.find("Not linearizable"), std::string::npos) << result.out;
}

}  // namespace
}  // namespace sunder
