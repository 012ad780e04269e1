// Control groups: where they are, what is written to them, and real ones of this machine.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include <fstream>
#include <thread>

#include "harness/faultkit/control_group.h"
#include "harness/faultkit/handed_controllers.h"
#include "harness/faultkit/process.h"
#include "tests/real/support/lab_place.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  return text;
}

void write(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

template <class Condition>
bool soon(Condition condition) {
  for (int i = 0; i < 300; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST(ControlGroupPlaces, OfVersion1AreBelowOurOwnGroup) {
  ControlGroupPlaces places = control_group_places(
      "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
      "35 31 0:32 /ours /sys/fs/cgroup/memory rw master:3 - cgroup cgroup rw,memory\n"
      "36 31 0:8 / /proc rw - proc proc rw\n",
      "2:cpu,cpuacct:/a/b\n4:memory:/ours/c\n0::/\n");
  ASSERT_EQ(places.size(), 3u);
  EXPECT_EQ(places.at(Controller::cpu).folder, "/sys/fs/cgroup/cpu,cpuacct/a/b");
  EXPECT_EQ(places.at(Controller::accounting).folder, places.at(Controller::cpu).folder);
  EXPECT_EQ(places.at(Controller::memory).folder, "/sys/fs/cgroup/memory/c");
  EXPECT_EQ(places.at(Controller::memory).version, 1);
}

TEST(ControlGroupPlaces, OfVersion2AreAtTheTop) {
  TemporaryFolder folder;
  write(folder.path() / "cgroup.controllers", "cpuset cpu io memory pids\n");
  ControlGroupPlaces places = control_group_places(
      "31 23 0:28 / " + folder.path().string() + " rw - cgroup2 cgroup2 rw,nsdelegate\n",
      "0::/user.slice/session.scope\n");
  EXPECT_EQ(places.size(), all_controllers.size());
  for (const auto& [controller, place] : places) {
    EXPECT_EQ(place.folder, folder.path());
    EXPECT_EQ(place.version, 2);
  }
}

TEST(ControlGroupPlaces, OfNonsenseAreNone) {
  EXPECT_TRUE(control_group_places("", "").empty());
  EXPECT_TRUE(control_group_places("- - - - - - - - -\nx\n1 2 3 4 5 6 - cgroup", ":::\n").empty());
}

// The files of version 2, as the kernel would make them.
class GroupOfVersion2 : public testing::Test {
 protected:
  void SetUp() override {
    write(folder_.path() / "cgroup.subtree_control", "");
    for (const char* file : {"cgroup.procs", "cpu.max", "memory.max", "memory.swap.max", "pids.max",
                             "io.max", "cgroup.freeze"}) {
      write(folder_.path() / "g" / file, "");
    }
    write(folder_.path() / "g" / "cpu.stat", "usage_usec 12\nnr_periods 9\nnr_throttled 7\n");
    write(folder_.path() / "g" / "memory.events", "low 0\noom 4\noom_kill 3\n");
    write(folder_.path() / "g" / "memory.current", "4096\n");
    write(folder_.path() / "g" / "pids.current", "5\n");
    write(folder_.path() / "g" / "pids.events", "max 2\n");
    write(folder_.path() / "g" / "cgroup.events", "populated 1\nfrozen 1\n");
    ControlGroupPlaces places;
    for (Controller controller : all_controllers) places[controller] = {folder_.path(), 2};
    Result<ControlGroup> made = ControlGroup::make(places, "g");
    ASSERT_TRUE(made) << made.error().context;
    group_.emplace(*std::move(made));
  }
  std::string said(const char* file) const { return text_of(folder_.path() / "g" / file); }

  TemporaryFolder folder_;
  std::optional<ControlGroup> group_;
};

TEST_F(GroupOfVersion2, WritesItsLimits) {
  EXPECT_TRUE(group_->limit_cpu(10));
  EXPECT_EQ(said("cpu.max"), "2000 20000");
  EXPECT_TRUE(group_->limit_memory(1 << 20));
  EXPECT_EQ(said("memory.max"), "1048576");
  EXPECT_EQ(said("memory.swap.max"), "0");
  EXPECT_TRUE(group_->limit_pids(3));
  EXPECT_EQ(said("pids.max"), "3");
  EXPECT_TRUE(group_->limit_writes("254:0", 65536));
  EXPECT_EQ(said("io.max"), "254:0 wbps=65536");
  EXPECT_TRUE(group_->freeze(true));
  EXPECT_EQ(said("cgroup.freeze"), "1");
}

TEST_F(GroupOfVersion2, LiftsThem) {
  EXPECT_TRUE(group_->limit_cpu({}));
  EXPECT_EQ(said("cpu.max"), "max 20000");
  EXPECT_TRUE(group_->limit_memory({}));
  EXPECT_EQ(said("memory.max"), "max");
  EXPECT_EQ(said("memory.swap.max"), "max");
  EXPECT_TRUE(group_->limit_pids({}));
  EXPECT_EQ(said("pids.max"), "max");
  EXPECT_TRUE(group_->limit_writes("254:0", {}));
  EXPECT_EQ(said("io.max"), "254:0 wbps=max");
}

TEST_F(GroupOfVersion2, ReadsWhatTheKernelCounts) {
  EXPECT_EQ(group_->cpu_nanoseconds(), 12'000);
  EXPECT_EQ(group_->throttled_periods(), 7);
  EXPECT_EQ(group_->memory_bytes(), 4096);
  EXPECT_EQ(group_->oom_kills(), 3);
  EXPECT_EQ(group_->pids(), 5);
  EXPECT_EQ(group_->refused_forks(), 2);
  EXPECT_TRUE(group_->is_frozen());
}

TEST_F(GroupOfVersion2, SaysWhatCannotBeWritten) {
  fs::remove(folder_.path() / "g" / "pids.max");
  Status limited = group_->limit_pids(3);
  ASSERT_FALSE(limited);
  EXPECT_NE(limited.error().context.find("g/pids.max"), std::string::npos);
}

// A setting of the machine's own: it was handed on before, or by us.
TEST(HandedControllers, AreTakenBackByTheLastOfOurGroups) {
  TemporaryFolder folder;
  write(folder.path() / "cgroup.subtree_control", "cpu memory\n");
  Descriptor place(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY));
  auto is_marked = [&](const char* controller) {
    return fs::exists(folder.path() / (std::string("sunder.hands-on.") + controller));
  };
  fs::create_directory(folder.path() / "sunder-1-1");
  hand_controllers_on(place.get());
  EXPECT_FALSE(is_marked("cpu"));
  EXPECT_FALSE(is_marked("memory"));
  EXPECT_TRUE(is_marked("pids"));
  EXPECT_TRUE(is_marked("io"));
  take_controllers_back(place.get());
  EXPECT_TRUE(is_marked("io")) << "a group of ours is there";
  fs::remove(folder.path() / "sunder-1-1");
  take_controllers_back(place.get());
  EXPECT_FALSE(is_marked("pids"));
  EXPECT_FALSE(is_marked("io"));
  EXPECT_EQ(text_of(folder.path() / "cgroup.subtree_control").substr(0, 1), "-");
}

TEST(HandedControllers, OfVersion1AreNone) {
  TemporaryFolder folder;
  Descriptor place(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY));
  hand_controllers_on(place.get());
  take_controllers_back(place.get());
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

// Where this machine has version 2, if only for its freezer.
std::optional<fs::path> mount_of_version_2() {
  std::ifstream mounts("/proc/self/mounts");
  std::string source, folder, type, rest;
  while (mounts >> source >> folder >> type && std::getline(mounts, rest)) {
    if (type == "cgroup2") return folder;
  }
  return {};
}

bool is_handed_on_by_us(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("sunder.hands-on.")) return true;
  }
  return false;
}

class RealGroups : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0 || !lab_place() || lab_place()->rootless) {
      GTEST_SKIP() << "control groups need root";
    }
  }
  static pid_t start_in(const ControlGroup& group, const fs::path& folder,
                        std::vector<std::string> command = {"sleep", "60"}) {
    Result<pid_t> pid = launch({.command = std::move(command),
                                .environment = {{"PATH", "/usr/bin:/bin"}},
                                .log = folder / "log",
                                .doors = group.doors()});
    EXPECT_TRUE(pid);
    return pid ? *pid : 0;
  }
  TemporaryFolder folder_;
};

TEST_F(RealGroups, OfVersion2FreezeThawAndEndWhoeverIsInThem) {
  std::optional<fs::path> place = mount_of_version_2();
  if (!place) GTEST_SKIP() << "no cgroup2 is mounted";
  std::string name = ControlGroup::name_for(::getpid());
  Result<ControlGroup> group = ControlGroup::make({{Controller::freezer, {*place, 2}}}, name);
  if (!group) GTEST_SKIP() << group.error().context;
  pid_t pid = start_in(*group, folder_.path());
  EXPECT_EQ(group->processes(), std::vector{pid});
  EXPECT_FALSE(group->is_frozen());
  ASSERT_TRUE(group->freeze(true));
  EXPECT_TRUE(soon([&] { return group->is_frozen(); }));
  ASSERT_TRUE(group->freeze(false));
  EXPECT_TRUE(soon([&] { return !group->is_frozen(); }));
  ASSERT_TRUE(group->freeze(true));
  EXPECT_TRUE(group->remove());
  EXPECT_FALSE(fs::exists(*place / name));
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
}

TEST_F(RealGroups, OfThisMachineLimitAndAreRemoved) {
  Result<ControlGroupPlaces> places = find_control_groups();
  if (!places) GTEST_SKIP() << places.error().context;
  const fs::path& top = places->at(Controller::disk).folder;
  std::string handed_on = text_of(top / "cgroup.subtree_control");
  bool by_us = is_handed_on_by_us(top);
  std::string name = ControlGroup::name_for(::getpid());
  Result<ControlGroup> group = ControlGroup::make(*places, name);
  ASSERT_TRUE(group) << group.error().context;
  pid_t pid = start_in(*group, folder_.path());
  EXPECT_EQ(group->pids(), 1);
  EXPECT_TRUE(group->try_all());
  EXPECT_TRUE(group->limit_cpu(10));
  EXPECT_TRUE(group->limit_memory(8 << 20));
  EXPECT_TRUE(group->limit_pids(1));
  EXPECT_TRUE(group->limit_cpu({}));
  EXPECT_TRUE(group->limit_memory({}));
  EXPECT_TRUE(group->limit_pids({}));
  ASSERT_TRUE(group->freeze(true));
  EXPECT_TRUE(soon([&] { return group->is_frozen(); }));
  EXPECT_TRUE(group->remove());
  EXPECT_TRUE(group->remove()) << "asking twice is no error";
  for (const auto& [controller, place] : *places) EXPECT_FALSE(fs::exists(place.folder / name));
  EXPECT_EQ(::waitpid(pid, nullptr, 0), pid);
  if (by_us || is_handed_on_by_us(top)) return;  // another group of ours is there
  EXPECT_EQ(text_of(top / "cgroup.subtree_control"), handed_on) << "in version 2, it is as it was";
}

TEST_F(RealGroups, AreFoundAndRemovedByOthers) {
  Result<ControlGroupPlaces> places = find_control_groups();
  if (!places) GTEST_SKIP() << places.error().context;
  std::string name = ControlGroup::name_for(::getpid());
  Result<ControlGroup> group = ControlGroup::make(*places, name);
  ASSERT_TRUE(group) << group.error().context;
  pid_t pid = start_in(*group, folder_.path());
  ASSERT_TRUE(group->freeze(true));
  std::string line = ControlGroup::whereabouts(*places, name);
  EXPECT_TRUE(ControlGroup::remove_left(line));
  for (const auto& [controller, place] : *places) EXPECT_FALSE(fs::exists(place.folder / name));
  EXPECT_EQ(::waitpid(pid, nullptr, 0), pid);
  EXPECT_TRUE(ControlGroup::remove_left(line)) << "asking twice is no error";
  EXPECT_TRUE(ControlGroup::remove_left("")) << "nor is nonsense";
}

// SIGKILL does not end a process before its disk has let it go on, which here takes an hour.
TEST_F(RealGroups, WhoWaitsForASlowDiskHoldsNone) {
  Result<ControlGroupPlaces> places = find_control_groups();
  if (!places) GTEST_SKIP() << places.error().context;
  struct stat info {};
  ASSERT_EQ(::stat(folder_.path().c_str(), &info), 0);
  std::string disk = std::to_string(major(info.st_dev)) + ":" + std::to_string(minor(info.st_dev));
  std::string name = ControlGroup::name_for(::getpid());
  Result<ControlGroup> group = ControlGroup::make(*places, name);
  ASSERT_TRUE(group) << group.error().context;
  if (Status slow = group->limit_writes(disk, 1000); !slow) {
    EXPECT_TRUE(group->remove());
    GTEST_SKIP() << "temporary files are on no whole disk: " << slow.error().context;
  }
  pid_t pid = start_in(*group, folder_.path(),
                       {"dd", "if=/dev/zero", "of=" + (folder_.path() / "much").string(),
                        "bs=4M", "count=1", "oflag=direct"});
  EXPECT_TRUE(soon([&] {
    std::optional<ProcessInfo> seen = process_info(pid);
    return seen && seen->state == 'D';
  }));
  EXPECT_TRUE(group->remove());
  for (const auto& [controller, place] : *places) EXPECT_FALSE(fs::exists(place.folder / name));
  EXPECT_EQ(::waitpid(pid, nullptr, 0), pid);
}

TEST_F(RealGroups, OfTheDeadAreRemovedByTheNextToMakeOne) {
  Result<ControlGroupPlaces> places = find_control_groups();
  if (!places) GTEST_SKIP() << places.error().context;
  const fs::path& place = places->at(Controller::pids).folder;
  constexpr const char* of_nobody = "sunder-1-1";  // process 1 began at another time
  fs::create_directory(place / of_nobody);
  Result<ControlGroup> group = ControlGroup::make(*places, ControlGroup::name_for(::getpid()));
  ASSERT_TRUE(group) << group.error().context;
  EXPECT_FALSE(fs::exists(place / of_nobody));
  Result<ControlGroup> other = ControlGroup::make(*places, "sunder-test");
  ASSERT_TRUE(other);
  EXPECT_TRUE(fs::exists(place / ControlGroup::name_for(::getpid()))) << "its owner lives";
  EXPECT_TRUE(other->remove());
  EXPECT_TRUE(group->remove());
}

}  // namespace
}  // namespace sunder
