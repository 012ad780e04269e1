// Labs whose nodes have disks that forget.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "catalogue/nemesis.h"
#include "harness/faultkit/descriptor.h"
#include "harness/real/lab/lab_world.h"
#include "harness/real/trace_file.h"
#include "tests/real/support/lab_place.h"
#include "tests/real/support/tiny_system.h"

namespace sunder {
namespace {

/// Cuts the power of n1 by the policy that the op names, or starts n1.
Nemesis power() {
  Nemesis nemesis;
  nemesis.name = "power";
  nemesis.needs = {Ability::processes, Ability::disks};
  nemesis.apply = [](const Op& op, FaultScene& scene, std::function<void(Outcome)> complete) {
    NodeId node = NodeId::node(0);
    if (op.verb == "start") {
      return scene.cluster.start(node, [complete](const Status& started) {
        complete(started ? Outcome::ok({}) : Outcome::info(started.error().context));
      });
    }
    scene.cluster.cut_power(node, op.value.text(), 7, [complete](const Result<Value>& lost) {
      complete(lost ? Outcome::ok(*lost) : Outcome::info(lost.error().context));
    });
  };
  return nemesis;
}

bool is_mounted(const std::filesystem::path& folder) {
  std::ifstream mounts("/proc/self/mounts");
  std::string line;
  while (std::getline(mounts, line)) {
    if (line.find(" " + folder.string() + " ") != std::string::npos) return true;
  }
  return false;
}

class LabDisks : public testing::Test {
 protected:
  void SetUp() override { open(power()); }
  void open(Nemesis nemesis) {
    const Result<LabSpace>& place = lab_place();
    if (!place) GTEST_SKIP() << place.error().context;
    Descriptor device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
    if (!device) GTEST_SKIP() << "/dev/fuse cannot be opened";
    test_.name = "tiny";
    test_.seed = 1;
    test_.nodes = 2;
    test_.concurrency = 2;
    test_.system = tiny_system();
    test_.nemeses = {std::move(nemesis)};
    test_.op_timeout = std::chrono::seconds(1);
    test_.ready_timeout = std::chrono::seconds(20);
    LabOptions options = lab_options(folder_.path(), *place);
    options.disk_binary = SUNDER_BINARY_DIR "/sunder-crashfs";
    auto created = LabWorld::create(test_, options, journal_);
    ASSERT_TRUE(created) << created.error().context;
    world_ = *std::move(created);
  }
  void dispatch(Process process, std::string_view verb, Value value = {}) {
    Op op;
    op.process = process;
    op.verb = verb;
    op.value = std::move(value);
    world_->dispatch(op);
  }
  Op perform(Process process, std::string_view verb, Value value = {}) {
    dispatch(process, verb, std::move(value));
    std::optional<Op> done = world_->await(world_->now() + std::chrono::seconds(60));
    return done ? *done : Op{.phase = Phase::info, .error = "nothing came back"};
  }
  std::filesystem::path data() const { return folder_.path() / "nodes" / "n1" / "data"; }

  TemporaryFolder folder_;
  sunder::Test test_;
  MemoryJournal journal_;
  std::unique_ptr<LabWorld> world_;
};

TEST_F(LabDisks, APowerCutTakesWhatWasNotSyncedAndNothingElse) {
  ASSERT_EQ(perform(test_.control(), verb_await_ready).phase, Phase::ok);
  ASSERT_TRUE(is_mounted(data()));
  EXPECT_EQ(perform(Process{0}, "write", Value::pair(1, 10)).phase, Phase::ok);
  {
    std::ofstream careless(data() / "careless");
    careless << "never synced";
  }
  Op cut = perform(Process::nemesis(0), "cut-power", "none");
  ASSERT_EQ(cut.phase, Phase::ok) << cut.error;
  EXPECT_EQ(cut.value.find("bytes")->integer(), 12);
  EXPECT_EQ(cut.value.find("names")->list()[0].find("path")->text(), "/careless");
  EXPECT_FALSE(std::filesystem::exists(data() / "careless"));
  EXPECT_TRUE(std::filesystem::exists(data() / "journal"));
  EXPECT_EQ(perform(Process{1}, "read", Value::pair(1, {})).phase, Phase::info) << "it is dead";

  EXPECT_EQ(perform(Process::nemesis(0), "start").phase, Phase::ok);
  EXPECT_EQ(perform(test_.control(), verb_await_ready).phase, Phase::ok);
  Op read = perform(Process{2}, "read", Value::pair(1, {}));
  EXPECT_EQ(read.phase, Phase::ok);
  EXPECT_EQ(read.value, Value::pair(1, 10));

  world_.reset();
  EXPECT_FALSE(is_mounted(data()));
  EXPECT_TRUE(journal_.open().empty());
}

/// A lab whose nemesis is one of the catalogue's.
class LabBadDisks : public LabDisks {
 protected:
  void SetUp() override {}
  void open_with(std::string_view nemesis) {
    Registry<Nemesis> all;
    add_all_nemesis(all);
    const Nemesis* found = all.find(nemesis);
    ASSERT_NE(found, nullptr);
    open(*found);
    if (!world_) return;
    ASSERT_EQ(perform(test_.control(), verb_await_ready).phase, Phase::ok);
  }
  /// Begins the fault on n1 by this rule while a client writes there.
  std::pair<Op, Op> begin_and_write(std::string_view verb, Map rule) {
    Map value;
    value["targets"] = "n1";
    value["rule"] = std::move(rule);
    dispatch(Process::nemesis(0), verb, std::move(value));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    Op first = perform(Process{0}, "write", Value::pair(1, 10));
    std::optional<Op> second = world_->await(world_->now() + std::chrono::seconds(60));
    EXPECT_TRUE(second);
    if (!second) return {};
    return first.process == Process{0} ? std::pair{*second, first} : std::pair{first, *second};
  }
};

TEST_F(LabBadDisks, AnErrorBringsItsNodeDownAndTheEndBringsItBack) {
  open_with("disk-error");
  if (!world_) return;
  Map rule;
  rule["operations"] = List{"write", "fsync"};
  rule["error"] = "EIO";
  auto [fault, write] = begin_and_write("start-disk-error", rule);
  EXPECT_EQ(fault.phase, Phase::ok) << fault.error;
  EXPECT_EQ(write.phase, Phase::info) << "an answer would promise what is not on the disk";
  EXPECT_EQ(perform(Process::nemesis(0), "stop-disk-error").phase, Phase::ok);
  EXPECT_EQ(perform(test_.control(), verb_await_ready).phase, Phase::ok);
  EXPECT_EQ(perform(Process{1}, "write", Value::pair(1, 11)).phase, Phase::ok);
}

TEST_F(LabBadDisks, ASlowDiskDelaysTheAnswerUntilTheEnd) {
  open_with("disk-slow");
  if (!world_) return;
  Map rule;
  rule["operations"] = List{"fsync"};
  rule["delay_ms"] = 400;
  std::int64_t begin = host_nanoseconds();
  auto [fault, write] = begin_and_write("start-disk-slow", rule);
  EXPECT_EQ(fault.phase, Phase::ok) << fault.error;
  EXPECT_EQ(write.phase, Phase::ok) << write.error;
  EXPECT_GE(host_nanoseconds() - begin, 600'000'000);
  EXPECT_EQ(perform(Process::nemesis(0), "stop-disk-slow").phase, Phase::ok);
  begin = host_nanoseconds();
  EXPECT_EQ(perform(Process{1}, "write", Value::pair(1, 11)).phase, Phase::ok);
  EXPECT_LT(host_nanoseconds() - begin, 400'000'000);
}

TEST_F(LabBadDisks, ARuleThatStrikesNothingIsNotConfirmed) {
  open_with("disk-error");
  if (!world_) return;
  Map value;
  value["targets"] = "n1";
  Map rule;
  rule["operations"] = List{"rename"};
  rule["error"] = "EIO";
  value["rule"] = std::move(rule);
  EXPECT_EQ(perform(Process::nemesis(0), "start-disk-error", value).phase, Phase::info);
  EXPECT_EQ(perform(Process::nemesis(0), "stop-disk-error").phase, Phase::ok);
}

TEST_F(LabDisks, APolicyThatNobodyKnowsIsRefused) {
  Op cut = perform(Process::nemesis(0), "cut-power", "gentle");
  EXPECT_EQ(cut.phase, Phase::info);
  EXPECT_NE(cut.error.find("torn-512"), std::string::npos) << cut.error;
}

}  // namespace
}  // namespace sunder
