// Every workload on the reference systems: sound ones stay valid under all faults, and what a flaw
// does to clients is refuted by the loads that can see it.

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "harness/cli/catalogues.h"
#include "tests/cli/support/command.h"

namespace sunder {
namespace {

CommandResult sweep(const std::string& system, const std::string& workload,
                    const std::string& seeds, std::vector<std::string> more = {}) {
  ScratchFolder folder;
  std::vector<std::string> command{built("sunder"), "sweep", system,    "-w", workload, "-n",
                                   "all",           "-q",    "--seeds", seeds};
  command.insert(command.end(), more.begin(), more.end());
  return run_program(command, folder.path());
}

/// The workloads that raft and single speak.
std::vector<std::string> spoken() {
  Catalogues catalogues = all_catalogues();
  const System* raft = catalogues.systems.find("raft");
  std::vector<std::string> names;
  for (const Workload& workload : catalogues.workloads.all()) {
    if (raft->verbs.contains(workload.datatype)) names.push_back(workload.name);
  }
  return names;
}

class SpokenWorkload : public testing::TestWithParam<std::string> {};

TEST_P(SpokenWorkload, IsValidAndNotVacuousOnSoundSystems) {
  for (const char* system : {"raft", "single"}) {
    CommandResult result = sweep(system, GetParam(), "4");
    EXPECT_EQ(result.exit_code, 0) << system << ": " << result.out << result.err;
  }
}

INSTANTIATE_TEST_SUITE_P(Workloads, SpokenWorkload, testing::ValuesIn(spoken()),
                         [](const auto& name) {
                           std::string text = name.param;
                           std::replace(text.begin(), text.end(), '-', '_');
                           return text;
                         });

TEST(Workloads, TwelveAreSpokenByTheReferenceSystems) { EXPECT_EQ(spoken().size(), 12u); }

bool refuted_by(const std::string& out, const std::string& checker) {
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  " + checker + " ")) return line.find(" invalid ") != line.npos;
  }
  return false;
}

// By the answers that clients got, and not only by a broken invariant of the protocol.
TEST(Workloads, RefuteFlawsByWhatClientsSaw) {
  struct Case {
    const char* workload;
    const char* flaw;
    const char* seed;
    const char* checker;
  };
  for (const Case& one : {Case{"set", "stale-local-read", "1", "set-full g-set"},
                          {"set", "ack-before-replicated", "1", "set g-set"},
                          {"queue", "ack-before-replicated", "2", "total-queue fifo-queue"},
                          {"queue", "retry-applied-twice", "1", "queue fifo-queue"},
                          {"queue", "snapshot-off-by-one", "1", "fifo-order fifo-queue"},
                          {"counter", "retry-applied-twice", "1", "counter counter"},
                          {"monotonic", "stale-local-read", "1", "monotonic counter"},
                          {"unique-ids", "no-sync", "2", "unique-ids unique-ids"},
                          {"log", "retry-applied-twice", "1", "kafka kafka"},
                          {"long-fork", "stale-local-read", "1", "linearizable multi-register"},
                          {"causal", "stale-local-read", "1", "linearizable g-set"},
                          {"multi-register", "stale-local-read", "1", "linearizable register"}}) {
    ScratchFolder folder;
    CommandResult run =
        run_program({built("sunder"), "run", "raft", "-w", one.workload, "-n", "all", "--world",
                     "sim", "--flaw", one.flaw, "--seed", one.seed, "--time-budget", "1s"},
                    folder.path());
    EXPECT_EQ(run.exit_code, 1) << one.workload << ", " << one.flaw << ": " << run.err;
    EXPECT_TRUE(refuted_by(run.out, one.checker)) << one.checker << ":\n" << run.out;
  }
}

// What a replica that lags answers is still some earlier state, whose money is all there.
TEST(Workloads, DoNotRefuteWhatTheirChecksCannotSee) {
  CommandResult result = sweep("raft", "bank", "3", {"--flaw", "stale-local-read"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
}

}  // namespace
}  // namespace sunder
