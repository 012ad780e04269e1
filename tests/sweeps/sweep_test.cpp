// The tester is tested: sound systems stay valid, every flaw is caught.

#include <gtest/gtest.h>

#include "tests/cli/support/command.h"

namespace sunder {
namespace {

CommandResult sweep(std::vector<std::string> more) {
  ScratchFolder folder;
  std::vector<std::string> command{built("sunder"), "sweep", "-w", "register", "-n", "all", "-q"};
  command.insert(command.end(), more.begin(), more.end());
  return run_program(command, folder.path());
}

TEST(Sweep, SoundSystemsAreValidAndNotVacuous) {
  CommandResult result = sweep({"raft", "single", "--seeds", "60"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
}

TEST(Sweep, SoundSystemsSurviveEveryFaultOfLinks) {
  ScratchFolder folder;
  for (const char* faults : {"delay", "loss", "duplicate", "reorder", "corrupt", "rate", "jam",
                             "swizzle", "delay,loss,duplicate,reorder,jam,partition,kill"}) {
    for (auto [system, workload] : {std::pair{"raft", "register"}, {"abd", "multi-register"}}) {
      CommandResult result = run_program({built("sunder"), "sweep", system, "-w", workload, "-n",
                                          faults, "--seeds", "10", "-q"},
                                         folder.path());
      EXPECT_EQ(result.exit_code, 0) << system << ", " << faults << ": " << result.out;
    }
  }
}

TEST(Sweep, AMajorityThatIsLeftAloneServes) {
  CommandResult sound = sweep({"raft", "--seeds", "20", "--time-limit", "10s", "--core", "8s"});
  EXPECT_EQ(sound.exit_code, 0) << sound.out << sound.err;
  ScratchFolder folder;
  std::vector<std::string> command{
      built("sunder"), "run", "abd", "-w", "multi-register", "-n", "kill", "--time-limit", "10s",
      "--core", "6s", "--world", "sim", "--seed", "1"};
  CommandResult abd = run_program(command, folder.path());
  EXPECT_EQ(abd.exit_code, 0) << abd.out << abd.err;
  command.insert(command.end(), {"--set", "core.size=5"});  // all of them: nobody is left out
  CommandResult nobody = run_program(command, folder.path());
  EXPECT_EQ(nobody.exit_code, 2) << nobody.out << nobody.err;
  EXPECT_NE(nobody.out.find("No core of the nodes"), std::string::npos) << nobody.out;
  command.back() = "core.size=0";
  command.insert(command.end(), {"--flaw", "notes-one-hang-blocks-all"});
  CommandResult all_needed = run_program(command, folder.path());
  EXPECT_EQ(all_needed.exit_code, 2) << all_needed.out << all_needed.err;
  EXPECT_NE(all_needed.out.find("no operation was ok in"), std::string::npos) << all_needed.out;
}

TEST(Sweep, AFaultOfLinksThatCannotBeIsRefused) {
  ScratchFolder folder;
  CommandResult result = run_program({built("sunder"), "sweep", "raft", "-w", "register", "-n",
                                      "loss", "--set", "loss.amount=101"},
                                     folder.path());
  EXPECT_EQ(result.exit_code, 64) << result.out;
  EXPECT_NE(result.err.find("from 1 to 100"), std::string::npos) << result.err;
}

TEST(Sweep, EveryWayToReadIsSound) {
  for (const char* read : {"read=log", "read=lease"}) {
    CommandResult result = sweep({"raft", "--seeds", "30", "--set", read});
    EXPECT_EQ(result.exit_code, 0) << read << ": " << result.out << result.err;
  }
}

// What only stops progress is told by the survey (survey_test.cpp).
TEST(Sweep, EveryFlawOfASystemIsCaught) {
  CommandResult result = sweep({"single", "--seeds", "100", "--each-flaw"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
}

// These break promises between nodes long before an answer is wrong, at seeds that are known.
TEST(Sweep, BrokenInvariantsNameOperations) {
  ScratchFolder folder;
  for (auto [flaw, seed] : {std::pair{"vote-not-persisted", "1"},
                            {"double-vote-after-restart", "1"},
                            {"commit-old-term-by-counting", "1"},
                            {"truncate-on-stale-append", "3"},
                            {"lost-session-table-on-snapshot", "36"},
                            {"snapshot-off-by-one", "1"}}) {
    CommandResult run = run_program({built("sunder"), "run", "raft", "-w", "register", "-n", "all",
                                     "--world", "sim", "--flaw", flaw, "--seed", seed, "-q"},
                                    folder.path());
    EXPECT_EQ(run.exit_code, 1) << flaw << ": " << run.err;
    EXPECT_NE(run.out.find("An invariant of the protocol broke: at "), run.out.npos) << run.out;
    EXPECT_NE(run.out.find(". Op "), run.out.npos) << flaw << ": " << run.out;
  }
}

TEST(Sweep, EqualSeedsHaveEqualDigests) {
  CommandResult first = sweep({"raft", "--seeds", "10", "--digests", "--jobs", "1"});
  CommandResult second = sweep({"raft", "--seeds", "10", "--digests", "--jobs", "2"});
  auto digest = [](const std::string& out) { return out.substr(out.find("seed 1 ")); };
  ASSERT_NE(first.out.find("digest of all"), std::string::npos) << first.out;
  EXPECT_EQ(digest(first.out), digest(second.out));
}

}  // namespace
}  // namespace sunder
