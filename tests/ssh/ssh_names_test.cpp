// Hosts whose nodes look each other's names up: etcd's do, at a resolver of their host's agent.

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "harness/core/json.h"
#include "tests/ssh/support/ssh_run.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

class SshNames : public SshTest {
 protected:
  /// The faults of names in the history of the one run that was stored there, as they completed.
  static std::vector<Value> faults_in(const fs::path& store) {
    std::vector<Value> faults;
    for (const auto& entry : fs::recursive_directory_iterator(store)) {
      if (entry.path().filename() != "history.jsonl") continue;
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) {
        Result<Value> op = parse_json(line);
        const Value* report = op ? op->find("value") : nullptr;
        const Value* kind = report != nullptr ? report->find("kind") : nullptr;
        if (kind != nullptr && *kind == Value("dns")) faults.push_back(*report);
      }
    }
    return faults;
  }
  static bool is_set(const Value& report, const char* key) {
    const Value* found = report.find(key);
    return found != nullptr && *found == Value(true);
  }
  /// How many were begun with proof.
  static std::int64_t confirmed(const std::vector<Value>& faults) {
    return std::count_if(faults.begin(), faults.end(), [](const Value& report) {
      return is_set(report, "on") && is_set(report, "confirmed");
    });
  }
  /// What nodes themselves asked while they were told wrong.
  static std::int64_t questions(const std::vector<Value>& faults) {
    std::int64_t sum = 0;
    for (const Value& report : faults) {
      const Value* evidence = report.find("evidence");
      const Value* asked = evidence != nullptr ? evidence->find("questions_meanwhile") : nullptr;
      if (asked == nullptr) continue;
      for (const auto& [node, count] : asked->map()) sum += count.integer();
    }
    return sum;
  }
};

TEST_F(SshNames, AreMissingLateOrWrongForEtcdWhichThenConnectsToNobody) {
  if (::access("/usr/bin/etcd", X_OK) != 0) GTEST_SKIP() << "etcd is not installed";
  std::string before = printed(1, {"cat", "/etc/resolv.conf", "/etc/hosts"});
  TemporaryFolder folder;
  int code = run_sunder(net(), folder.path(), "etcd",
                        {"-n", "dns,reset", "--time-limit", "12s", "--set", "dns.targets=all"});
  // Whoever was cut off from a majority may have answered too little to be judged.
  EXPECT_TRUE(code == 0 || code == 2) << code;
  std::vector<Value> faults = faults_in(folder.path() / "store");
  EXPECT_GT(confirmed(faults), 0) << "all asked in every node's place, and told as the op says";
  EXPECT_GT(questions(faults), 0) << "etcd itself has asked";
  EXPECT_EQ(printed(1, {"cat", "/etc/resolv.conf", "/etc/hosts"}), before);
  EXPECT_EQ(ours(), 0u);
}

TEST_F(SshNames, AreNotForSystemsThatLookNoneUp) {
  SshRun run(net(), nemesis_named("dns"));
  EXPECT_NE(run.error().find("looks up no names"), std::string::npos) << run.error();
}

}  // namespace
}  // namespace sunder
