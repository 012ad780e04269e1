// Hosts whose nodes keep their data on a crashfs: each fault of disks begins and ends there with
// its proof, and nothing is left mounted.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "harness/core/json.h"
#include "tests/ssh/support/host_state.h"
#include "tests/ssh/support/ssh_run.h"

namespace sunder {
namespace {

constexpr std::array<const char*, 7> names = {"disk",     "disk-error", "disk-slow", "bit-rot",
                                              "truncate", "restore",    "stale-read"};

class SshDisks : public SshTest {
 protected:
  void SetUp() override {
    SshTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    Descriptor device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
    if (!device) GTEST_SKIP() << "/dev/fuse cannot be opened";
  }
  void TearDown() override {
    run_.reset();
    SshTest::TearDown();
    if (IsSkipped()) return;
    EXPECT_TRUE(soon([] { return around_disks_of(net()) == 0; }));
  }
  void open() {
    std::vector<Nemesis> nemeses;
    for (const char* name : names) nemeses.push_back(nemesis_named(name));
    run_ = std::make_unique<SshRun>(net(), std::move(nemeses));
    ASSERT_EQ(run_->error(), "");
    ASSERT_EQ(run_->control(verb_await_ready), Phase::ok);
    ASSERT_GT(around_disks_of(net()), 0u);
  }
  /// Of the fault `name`, on n2.
  Op act(std::string_view name, const std::string& verb, Map value = {}) {
    value["targets"] = "n2";
    return run_->perform(run_->nemesis(name), verb, std::move(value));
  }
  void write(int value) {
    EXPECT_EQ(run_->client(0, "write", Value::pair(1, value)).phase, Phase::ok);
  }
  static void succeeds(const Op& op) {
    EXPECT_EQ(op.phase, Phase::ok) << op.verb << " " << op.error << to_json(op.value);
  }
  /// Begins the fault on n2, and has something written all the while, which it is to strike.
  Op begin_and_write(std::string_view name, const std::string& verb, Map value) {
    value["targets"] = "n2";
    run_->dispatch(run_->nemesis(name), verb, std::move(value));
    while (true) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      Op op = run_->client(1, "write", Value::pair(1, 10));
      if (op.process.is_client()) continue;
      (void)run_->next();  // the write
      return op;
    }
  }
  void is_whole() {
    EXPECT_EQ(run_->control(verb_await_ready), Phase::ok);
    EXPECT_EQ(to_json(run_->client(0, "read", Value::pair(1, {})).value), "[1,10]");
  }
  static Map damage(const char* what) {
    Map act;
    act["do"] = what;
    act["path"] = "/journal";
    act[what == std::string_view("rot") ? "bits" : "bytes"] = 1;
    Map value;
    value["act"] = std::move(act);
    return value;
  }
  static Map rule(const char* operation, const char* key, const Value& how) {
    Map rule;
    rule["operations"] = List{operation};
    rule[key] = how;
    Map value;
    value["rule"] = std::move(rule);
    return value;
  }

  std::unique_ptr<SshRun> run_;
};

TEST_F(SshDisks, LosePowerAndAreDamagedAndMended) {
  open();
  if (HasFatalFailure()) return;
  write(10);
  Map cut;
  cut["policy"] = "none";
  Op struck = act("disk", "cut-power", std::move(cut));
  succeeds(struck);
  EXPECT_NE(to_json(struck.value).find(R"("policy":"none")"), std::string::npos)
      << to_json(struck.value);
  EXPECT_EQ(ours(), 2u);
  succeeds(act("disk", "restore-power"));
  is_whole();
  succeeds(act("bit-rot", "rot", damage("rot")));
  EXPECT_TRUE(soon([] { return ours() == 2; })) << "n2 refuses what is rotten";
  succeeds(act("bit-rot", "mend-bit-rot"));
  is_whole();
  succeeds(act("truncate", "truncate", damage("cut-short")));
  succeeds(act("truncate", "mend-truncate"));
  is_whole();
  run_->world().record();
  std::ifstream log(run_->folder() / "nodes" / "n2" / "disk.jsonl");
  std::string text{std::istreambuf_iterator<char>(log), {}};
  EXPECT_NE(text.find(R"("policy":"none")"), std::string::npos) << text;
}

TEST_F(SshDisks, FailAreSlowAndGoBackInTime) {
  open();
  if (HasFatalFailure()) return;
  write(10);
  succeeds(begin_and_write("disk-error", "start-disk-error", rule("fsync", "error", "EIO")));
  succeeds(act("disk-error", "stop-disk-error"));
  is_whole();
  succeeds(begin_and_write("disk-slow", "start-disk-slow", rule("fsync", "delay_ms", 300)));
  succeeds(act("disk-slow", "stop-disk-slow"));
  is_whole();
  Map restore;
  Map back;
  back["do"] = "restore";
  back["name"] = "restore";
  restore["act"] = std::move(back);
  restore["age_ns"] = 1'500'000'000;
  succeeds(begin_and_write("restore", "restore", std::move(restore)));
  is_whole();
  Map stale = rule("read", "stale", true);
  stale["age_ns"] = 1'500'000'000;
  succeeds(begin_and_write("stale-read", "start-stale-read", std::move(stale)));
  succeeds(act("stale-read", "stop-stale-read"));
  is_whole();
}

TEST_F(SshDisks, WithoutAFaultThatStrikesThemThereAreNone) {
  run_ = std::make_unique<SshRun>(net(), nemesis_named("kill"));
  ASSERT_EQ(run_->error(), "");
  EXPECT_EQ(around_disks_of(net()), 0u);
}

TEST_F(SshDisks, EndWithAKilledAgent) {
  open();
  if (HasFatalFailure()) return;
  succeeds(begin_and_write("disk-slow", "start-disk-slow", rule("fsync", "hang", true)));
  std::size_t before = around_disks_of(net());
  ASSERT_EQ(::kill(agent_of(2), SIGKILL), 0);
  EXPECT_TRUE(soon([] { return ours() == 2; }));
  EXPECT_TRUE(soon([&] { return around_disks_of(net()) < before; }));
}

TEST_F(SshDisks, EndWithTheirController) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  pid_t controller = ::fork();
  if (controller == 0) {
    open();
    Op slow = begin_and_write("disk-slow", "start-disk-slow", rule("fsync", "hang", true));
    (void)!::write(ends[1], slow.phase == Phase::ok ? "y" : "n", 1);
    while (true) ::pause();
  }
  ::close(ends[1]);
  char hangs = '?';
  ASSERT_EQ(::read(ends[0], &hangs, 1), 1);
  ::close(ends[0]);
  EXPECT_EQ(hangs, 'y');
  ::kill(controller, SIGKILL);
  ::waitpid(controller, nullptr, 0);
  EXPECT_TRUE(soon([] { return ours() == 0 && around_disks_of(net()) == 0; }));
}

TEST_F(SshDisks, ShowThatARaftDoesNotSync) {
  TemporaryFolder folder;
  EXPECT_EQ(run_sunder(net(), folder.path(), "raft",
                       {"-n", "disk", "--set", "disk.targets=all", "--set", "disk.policy=none",
                        "--flaw", "no-sync", "--time-limit", "8s"}),
            1);
}

TEST_F(SshDisks, ASoundRaftSurvivesThem) {
  TemporaryFolder folder;
  EXPECT_EQ(run_sunder(net(), folder.path(), "raft",
                       {"-n", "disk,disk-error,disk-slow,bit-rot,truncate", "--time-limit",
                        "15s"}),
            0);
  EXPECT_EQ(ours(), 0u);
}

}  // namespace
}  // namespace sunder
