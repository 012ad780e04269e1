// Machines that a controller leaves off are started, whatever became of the controller.

#include "harness/real/ssh/power_keeper.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "tests/real/support/lab_place.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

// A file is a machine: touch starts it.
std::unique_ptr<PowerKeeper> keeper() {
  auto started = PowerKeeper::start(SUNDER_BINARY_DIR "/sunder-agent", {"touch"});
  EXPECT_TRUE(started) << (started ? "" : started.error().context);
  return started ? *std::move(started) : nullptr;
}

bool appears(const fs::path& file) {
  auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!fs::exists(file) && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return fs::exists(file);
}

TEST(PowerKeeper, StartsWhatIsOffWhenItsOwnerEndsAndNothingElse) {
  TemporaryFolder folder;
  fs::path off = folder.path() / "off";
  fs::path back = folder.path() / "back";
  auto kept = keeper();
  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept->will_be_off(back));
  EXPECT_TRUE(kept->will_be_off(off));
  EXPECT_TRUE(kept->is_on(back));
  EXPECT_FALSE(fs::exists(off));
  kept.reset();
  EXPECT_TRUE(fs::exists(off));
  EXPECT_FALSE(fs::exists(back));
}

TEST(PowerKeeper, OutlivesAControllerThatIsKilled) {
  TemporaryFolder folder;
  fs::path off = folder.path() / "off";
  pid_t controller = ::fork();
  ASSERT_GE(controller, 0);
  if (controller == 0) {
    ::setpgid(0, 0);
    auto kept = keeper();
    if (!kept || !kept->will_be_off(off)) ::_exit(1);
    ::kill(0, SIGINT);  // as a terminal does, whose interrupt reaches the keeper too
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(controller, &status, 0), controller);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(appears(off));
}

TEST(PowerKeeper, IsMissedBeforeAnythingIsSwitchedOff) {
  auto started = PowerKeeper::start("/no/such/agent", {"touch"});
  ASSERT_TRUE(started) << "it ends at once, as one does that was killed";
  Status told = Done{};
  for (int i = 0; i < 500 && told; ++i) {
    told = (*started)->will_be_off("machine");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace sunder
