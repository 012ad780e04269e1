#include "tests/real/support/lab_disks.h"

#include <fcntl.h>

#include <fstream>
#include <thread>

#include "catalogue/nemesis.h"
#include "harness/faultkit/descriptor.h"
#include "tests/real/support/tiny_system.h"

namespace sunder {

bool is_mounted(const std::filesystem::path& folder) {
  std::ifstream mounts("/proc/self/mounts");
  std::string line;
  while (std::getline(mounts, line)) {
    if (line.find(" " + folder.string() + " ") != std::string::npos) return true;
  }
  return false;
}

void LabDisks::open(Nemesis nemesis) {
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

void LabDisks::dispatch(Process process, std::string_view verb, Value value) {
  Op op;
  op.process = process;
  op.verb = verb;
  op.value = std::move(value);
  world_->dispatch(op);
}

Op LabDisks::perform(Process process, std::string_view verb, Value value) {
  dispatch(process, verb, std::move(value));
  std::optional<Op> done = world_->await(world_->now() + std::chrono::seconds(60));
  return done ? *done : Op{.phase = Phase::info, .error = "nothing came back"};
}

void LabBadDisks::open_with(std::string_view nemesis) {
  Registry<Nemesis> all;
  add_all_nemesis(all);
  const Nemesis* found = all.find(nemesis);
  ASSERT_NE(found, nullptr);
  open(*found);
  if (!world_) return;
  ASSERT_EQ(perform(test_.control(), verb_await_ready).phase, Phase::ok);
}

std::pair<Op, Op> LabBadDisks::begin_and_write(std::string_view verb, Map value) {
  value["targets"] = "n1";
  dispatch(Process::nemesis(0), verb, std::move(value));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  Op first = perform(Process{0}, "write", Value::pair(1, 10));
  std::optional<Op> second = world_->await(world_->now() + std::chrono::seconds(60));
  EXPECT_TRUE(second);
  if (!second) return {};
  return first.process == Process{0} ? std::pair{*second, first} : std::pair{first, *second};
}

}  // namespace sunder
