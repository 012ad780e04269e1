// The kernel's queueing disciplines as agents use them: which root is ours, who removes it, and
// what happens where there is no netem.

#include "harness/faultkit/shaping.h"

#include <gtest/gtest.h>
#include <net/if.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>

#include "harness/agent/control.h"
#include "harness/agent/host_links.h"
#include "harness/agent/host_place.h"
#include "harness/core/json.h"
#include "harness/faultkit/interface.h"
#include "harness/faultkit/tool.h"
#include "tests/real/support/lab_place.h"

namespace sunder {
namespace {

constexpr Duration patience = std::chrono::seconds(5);
constexpr const char* ours = "prio 5375:";

std::string tc(const std::vector<std::string>& words) {
  std::vector<std::string> command = {"tc"};
  command.insert(command.end(), words.begin(), words.end());
  Result<std::string> said = run_tool(command, "", patience);
  return said ? *said : said.error().context;
}
std::string disciplines() { return tc({"qdisc", "show", "dev", "lo"}); }
bool shaped() { return disciplines().find(ours) != std::string::npos; }

List delay_rules() {
  Map rule;
  rule["name"] = "bent";
  rule["targets"] = Value::list_of(2);
  rule["model"] = to_value(LinkModel{.delay = std::chrono::milliseconds(20)});
  return {Value(std::move(rule))};
}

const std::vector<std::string>& addresses() {
  static const std::vector<std::string> two = {"127.0.0.1", "127.0.0.2"};
  return two;
}

class ShapingTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!lab_place()) GTEST_SKIP() << "no namespaces here: " << lab_place().error().context;
    ASSERT_TRUE(bring_up("lo"));
    (void)run_tool({"ip", "address", "add", "127.0.0.2/8", "dev", "lo"}, "", patience);
    before_ = disciplines();
  }
  void TearDown() override { EXPECT_EQ(disciplines(), before_); }
  static HostLinks::Place place(Packets packets = Packets::automatic) {
    return {1, addresses(), {}, {7000}, 1, {}, packets};
  }
  static unsigned loopback() { return ::if_nametoindex("lo"); }

  TemporaryFolder folder_;
  std::string before_;
};

#define SKIP_WITHOUT_NETEM() \
  if (Status possible = shaping_is_possible(); !possible) GTEST_SKIP() << possible.error().context

TEST_F(ShapingTest, TheWayToAnAddressIsFound) {
  Result<Shaping> shaping = Shaping::open();
  ASSERT_TRUE(shaping);
  for (const char* address : {"127.0.0.2", "::1"}) {
    Result<unsigned> way = shaping->interface_towards(address);
    ASSERT_TRUE(way) << way.error().context;
    EXPECT_EQ(*way, loopback());
  }
  EXPECT_FALSE(shaping->interface_towards("n1"));
}

TEST_F(ShapingTest, OurRootComesAndGoes) {
  SKIP_WITHOUT_NETEM();
  Result<Shaping> shaping = Shaping::open();
  ASSERT_TRUE(shaping);
  ASSERT_TRUE(shaping->add_root(loopback()));
  EXPECT_TRUE(shaped());
  EXPECT_TRUE(shaping->may_have_root(loopback()));
  EXPECT_FALSE(shaping->add_root(loopback()));
  Status done = shaping->add_class(loopback(), 2, {.rate = 50'000});
  EXPECT_TRUE(done) << done.error().context;
  EXPECT_NE(disciplines().find("limit 100000b"), std::string::npos) << disciplines();
  EXPECT_EQ(*shaping->waiting_in({2}), 0);
  EXPECT_TRUE(shaping->remove_class(loopback(), 2));
  EXPECT_FALSE(shaping->remove_class(loopback(), 2));
  EXPECT_TRUE(shaping->remove_roots());
}

TEST_F(ShapingTest, ARootOfSomebodyElseStays) {
  tc({"qdisc", "add", "dev", "lo", "root", "handle", "7:", "bfifo", "limit", "90000"});
  std::string theirs = disciplines();
  ASSERT_NE(theirs.find("bfifo 7:"), std::string::npos) << theirs;
  Result<Shaping> shaping = Shaping::open();
  ASSERT_TRUE(shaping);
  Status may = shaping->may_have_root(loopback());
  ASSERT_FALSE(may);
  EXPECT_NE(may.error().context.find("lo has a queueing discipline of its own (bfifo)"),
            std::string::npos);
  EXPECT_FALSE(shaping->add_root(loopback()));
  EXPECT_TRUE(shaping->remove_roots());
  EXPECT_EQ(disciplines(), theirs);
  UndoJournal journal{folder_.path() / "undo"};
  HostLinks links(journal);
  links.settle(place());
  EXPECT_FALSE(links.means().netem);
  links.undo();
  EXPECT_EQ(disciplines(), theirs);
  tc({"qdisc", "del", "dev", "lo", "root"});
}

TEST_F(ShapingTest, AKernelWithoutNetemFallsBackToTheQueue) {
  if (shaping_is_possible()) GTEST_SKIP() << "this kernel has netem";
  UndoJournal journal{folder_.path() / "undo"};
  HostLinks links(journal);
  links.settle(place());
  EXPECT_FALSE(links.means().netem);
  if (!links.means().queue) GTEST_SKIP() << links.means().queue.error().context;
  Status bent = links.bend(delay_rules());
  EXPECT_TRUE(bent) << bent.error().context;
  EXPECT_FALSE(shaped());
  links.settle(place(Packets::netem));  // ends what was bent
  EXPECT_FALSE(links.bend(delay_rules()));
}

TEST_F(ShapingTest, NetemIsUsedWhereItIs) {
  SKIP_WITHOUT_NETEM();
  UndoJournal journal{folder_.path() / "undo"};
  HostLinks links(journal);
  links.settle(place());
  ASSERT_TRUE(links.bend(delay_rules()));
  EXPECT_TRUE(shaped());
  ASSERT_TRUE(links.undo());
  EXPECT_FALSE(shaped());
  links.settle(place(Packets::queue));
  if (!links.means().queue) GTEST_SKIP() << links.means().queue.error().context;
  ASSERT_TRUE(links.bend(delay_rules()));
  EXPECT_FALSE(shaped());
  EXPECT_TRUE(links.undo());
}

/// An agent on a host of its own, asked over its socket.
class ShapingAgentTest : public ShapingTest {
 protected:
  void SetUp() override {
    ShapingTest::SetUp();
    if (IsSkipped()) return;
    SKIP_WITHOUT_NETEM();
    serve();
    Map place;
    place["node"] = 1;
    place["addresses"] = List{addresses()[0], addresses()[1]};
    place["ports"] = Value::list_of(7000);
    Value settled = ask("settle", std::move(place));
    const Value* packets = settled.find("packets");
    ASSERT_NE(packets, nullptr) << to_json(settled);
    EXPECT_EQ(packets->text(), "netem") << to_json(settled);
  }
  void TearDown() override {
    for (pid_t pid : processes()) ::kill(pid, SIGKILL);
    EXPECT_TRUE(soon([this] { return processes().empty(); }));
    undo_what_is_left(host_);
    ShapingTest::TearDown();
  }
  void serve() {
    std::string agent = std::filesystem::path(SUNDER_BINARY_DIR) / "sunder-agent";
    auto served = run_tool({"env", agent, "serve", host_.path.string(), "60"}, "", patience);
    ASSERT_TRUE(served) << served.error().context;
    Descriptor door(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    host_.socket().string().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::connect(door.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    agent_ = ControlSocket(std::move(door));
    Map hello;
    hello["controller"] = "test";
    ask("hello", std::move(hello));
  }
  Value ask(const std::string& act, Map request) {
    request["do"] = act;
    request["id"] = ++asked_;
    EXPECT_TRUE(agent_.send(request)) << act;
    while (agent_.receive()) {
      std::optional<std::string> reply = agent_.next();
      if (!reply) continue;
      Result<Value> read = parse_json(*reply);
      EXPECT_TRUE(read && read->find("error") == nullptr) << *reply;
      return read ? *read : Value();
    }
    ADD_FAILURE() << "the agent is gone";
    return {};
  }
  void bend() {
    Map rules;
    rules["rules"] = delay_rules();
    ask("bend", std::move(rules));
    EXPECT_TRUE(shaped());
  }
  /// The watchdog, and the agent, whose number is higher.
  std::vector<pid_t> processes() const {
    std::vector<pid_t> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::ifstream file(entry.path() / "cmdline");
      std::string command(std::istreambuf_iterator<char>(file), {});
      std::string name = entry.path().filename();
      pid_t pid = 0;  // of an entry that is no process: 0
      std::from_chars(name.data(), name.data() + name.size(), pid);
      if (pid > 0 && command.find(host_.path.string()) != std::string::npos) found.push_back(pid);
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  HostFolder host_{folder_.path() / "host"};
  ControlSocket agent_{Descriptor()};
  std::int64_t asked_ = 0;
};

TEST_F(ShapingAgentTest, ALeaseThatRunsOutTakesTheDisciplinesWithIt) {
  bend();
  Map lease;
  lease["milliseconds"] = 100;
  ask("lease", std::move(lease));
  EXPECT_TRUE(soon([] { return !shaped(); }));
}

TEST_F(ShapingAgentTest, TheWatchdogRemovesWhatAKilledAgentLeft) {
  bend();
  std::vector<pid_t> both = processes();
  ASSERT_EQ(both.size(), 2u);
  ASSERT_EQ(::kill(both[1], SIGKILL), 0);
  EXPECT_TRUE(soon([] { return !shaped(); }));
}

TEST_F(ShapingAgentTest, ANewAgentRemovesWhatIsLeftWhenBothWereKilled) {
  bend();
  std::vector<pid_t> both = processes();
  ASSERT_EQ(both.size(), 2u);
  ASSERT_EQ(::kill(both[0], SIGKILL), 0);  // the watchdog first, or it would undo
  ASSERT_EQ(::kill(both[1], SIGKILL), 0);
  ASSERT_TRUE(soon([this] { return processes().empty(); }));
  EXPECT_TRUE(shaped());
  serve();
  EXPECT_FALSE(shaped());
}

}  // namespace
}  // namespace sunder
