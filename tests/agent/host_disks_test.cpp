// The disk of a host's node: only the node sees it, and it ends with the agent, however that ends.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "harness/core/json.h"
#include "harness/faultkit/family.h"
#include "harness/faultkit/interface.h"
#include "harness/faultkit/process.h"
#include "tests/agent/support/host_agent.h"
#include "tests/real/support/lab_place.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

/// Whether a process has a crashfs below the folder among its mounts.
bool sees_disk(const std::string& pid, const fs::path& folder) {
  std::ifstream mounts("/proc/" + pid + "/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    if (line.find(folder.string() + "/") != line.npos && line.find("fuse.sunder") != line.npos) {
      return true;
    }
  }
  return false;
}

/// All processes that do, and all that serve such a mount.
std::vector<std::string> around_disks(const fs::path& folder) {
  std::vector<std::string> found;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator("/proc", gone)) {
    std::string pid = entry.path().filename();
    std::ifstream command(entry.path() / "cmdline");
    std::string words;
    std::getline(command, words, '\0');
    bool serves = words.ends_with("/sunder-crashfs") && std::getline(command, words, '\0') &&
                  words.starts_with(folder.string());
    if (serves || sees_disk(pid, folder)) found.push_back(pid);
  }
  return found;
}

class HostDisks : public testing::Test {
 protected:
  void SetUp() override {
    if (!lab_place()) GTEST_SKIP() << lab_place().error().context;
    if (lab_place()->rootless) GTEST_SKIP() << "an agent on a host is root";
    Descriptor device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
    if (!device) GTEST_SKIP() << "/dev/fuse cannot be opened";
    ASSERT_TRUE(bring_up("lo"));
    ASSERT_EQ(agent_.start(1), "");
    Map wanted;
    wanted["disks"] = true;
    Map disk;
    disk["program"] = SUNDER_BINARY_DIR "/sunder-crashfs";
    disk["seed"] = 7;
    Map with_disk;
    with_disk["disk"] = std::move(disk);
    ASSERT_EQ(agent_.run_a_node(std::move(wanted), std::move(with_disk)), "");
    agent_.lease(60'000);
  }
  Value ask_disk(Map act) {
    Map request;
    request["do"] = "disk";
    request["act"] = std::move(act);
    return agent_.ask(std::move(request));
  }
  Value impose_error(const char* operation) {
    Map rule;
    rule["do"] = "fault";
    rule["rule"] = "broken";
    rule["operations"] = List{operation};
    rule["error"] = "EIO";
    return ask_disk(std::move(rule));
  }
  /// What the node sees under its data folder.
  fs::path seen(const std::string& name) const {
    return "/proc/" + std::to_string(agent_.node()) + "/root" +
           (agent_.folder() / "node" / "data" / name).string();
  }
  bool writes(const std::string& name) const {
    std::ofstream file(seen(name));
    file << "some words" << std::flush;
    return file.good();
  }
  bool nothing_is_left() {
    return soon([&] { return around_disks(agent_.folder()).empty(); }) &&
           soon([&] { return !process_info(agent_.node()); });
  }

  HostAgent agent_;
};

TEST_F(HostDisks, AreSeenByTheNodeAloneAndForgetWhatWasNotSynced) {
  EXPECT_TRUE(sees_disk(std::to_string(agent_.node()), agent_.folder()));
  EXPECT_FALSE(sees_disk("self", agent_.folder())) << "the host's mounts are as they were";
  ASSERT_TRUE(writes("careless"));
  Map crash;
  crash["do"] = "crash";
  crash["policy"] = "none";
  Value lost = ask_disk(std::move(crash));
  ASSERT_NE(lost.find("bytes"), nullptr) << to_json(lost);
  EXPECT_EQ(lost.find("bytes")->integer(), 10);
  EXPECT_FALSE(fs::exists(seen("careless")));
  EXPECT_GT(fs::file_size(agent_.folder() / "node" / "disk.jsonl"), 10u);
}

TEST_F(HostDisks, AreNoPartOfANodeThatIsPausedOrKilled) {
  Map request;
  request["do"] = "signal";
  for (const char* signal : {"pause", "kill"}) {
    request["signal"] = signal;
    (void)agent_.ask(request);
    Map status;
    status["do"] = "status";
    EXPECT_NE(ask_disk(std::move(status)).find("rules"), nullptr) << signal;
  }
}

TEST_F(HostDisks, AreSoundAgainWhenTheLeaseRunsOut) {
  EXPECT_EQ(impose_error("write").find("error"), nullptr);
  EXPECT_FALSE(writes("one"));
  agent_.lease(1);
  EXPECT_TRUE(soon([&] { return writes("two"); }));
  EXPECT_TRUE(soon([&] { return impose_error("write").find("error") != nullptr; }));
}

TEST_F(HostDisks, EndWithAnAgentThatIsForgotten) {
  agent_.lease(1);
  EXPECT_TRUE(nothing_is_left());
  EXPECT_TRUE(soon([&] { return agent_.gone(); }));
}

TEST_F(HostDisks, EndWithAnAgentThatIsKilled) {
  EXPECT_EQ(impose_error("fsync").find("error"), nullptr);
  ASSERT_EQ(::kill(agent_.pid(), SIGKILL), 0);
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(HostDisks, EndWithTheNextAgentAtTheLatest) {
  std::vector<pid_t> all = family_of(agent_.watchdog());
  std::erase(all, agent_.node());
  ASSERT_GE(all.size(), 3u) << "the agent, its disk, and who watches that";
  ::kill(agent_.watchdog(), SIGKILL);
  for (pid_t pid : all) ::kill(pid, SIGKILL);
  EXPECT_TRUE(soon([&] { return agent_.gone(); }));
  EXPECT_TRUE(sees_disk(std::to_string(agent_.node()), agent_.folder())) << "nobody ended it";
  ASSERT_EQ(agent_.start(1), "");
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(HostDisks, WhoseProgramIsMissingAreRefusedWithTheReason) {
  Map disk;
  disk["program"] = "/no/such/program";
  Map request;
  request["do"] = "folder";
  request["disk"] = std::move(disk);
  Value reply = agent_.ask(std::move(request));
  ASSERT_NE(reply.find("error"), nullptr);
  EXPECT_NE(reply.find("error")->text().find("no disk at"), std::string::npos);
}

}  // namespace
}  // namespace sunder
