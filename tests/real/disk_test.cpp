// Labs whose nodes have disks that forget.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "harness/faultkit/descriptor.h"
#include "harness/real/lab/lab_world.h"
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
  void SetUp() override {
    const Result<LabSpace>& place = lab_place();
    if (!place) GTEST_SKIP() << place.error().context;
    Descriptor device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
    if (!device) GTEST_SKIP() << "/dev/fuse cannot be opened";
    test_.name = "tiny";
    test_.seed = 1;
    test_.nodes = 2;
    test_.concurrency = 2;
    test_.system = tiny_system();
    test_.nemeses = {power()};
    test_.op_timeout = std::chrono::seconds(1);
    test_.ready_timeout = std::chrono::seconds(20);
    LabOptions options = lab_options(folder_.path(), *place);
    options.disk_binary = SUNDER_BINARY_DIR "/sunder-crashfs";
    auto created = LabWorld::create(test_, options, journal_);
    ASSERT_TRUE(created) << created.error().context;
    world_ = *std::move(created);
  }
  Op perform(Process process, std::string_view verb, Value value = {}) {
    Op op;
    op.process = process;
    op.verb = verb;
    op.value = std::move(value);
    world_->dispatch(op);
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

TEST_F(LabDisks, APolicyThatNobodyKnowsIsRefused) {
  Op cut = perform(Process::nemesis(0), "cut-power", "gentle");
  EXPECT_EQ(cut.phase, Phase::info);
  EXPECT_NE(cut.error.find("torn-512"), std::string::npos) << cut.error;
}

}  // namespace
}  // namespace sunder
