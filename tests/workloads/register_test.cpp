// The register workload, played offline.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "catalogue/workloads.h"
#include "harness/api/workload.h"
#include "harness/generate/simulate.h"

namespace sunder {
namespace {

gen::Play play(std::map<std::string, std::string> set, int concurrency, gen::Answers answers,
               std::size_t ops) {
  Registry<Workload> workloads;
  add_all_workloads(workloads);
  const Workload* workload = workloads.find("register");
  Result<Options> options = Options::parse(workload->options, set);
  EXPECT_TRUE(options);
  Generator load = workload->load(WorkloadConfig{*options, concurrency, 7});
  return gen::simulate(load, {concurrency, 2}, std::move(answers), ops);
}

std::int64_t key_of(const Op& op) { return op.value.list().at(0).integer(); }

TEST(RegisterWorkload, SpeaksTheCasRegisterLanguage) {
  std::map<std::string, int> verbs;
  for (const Op& op : play({}, 10, gen::perfect(), 4000).invocations()) {
    ++verbs[op.verb];
    const Value& argument = op.value.list().at(1);
    if (op.verb == "read") {
      EXPECT_TRUE(argument.is_nil());
    } else if (op.verb == "write") {
      EXPECT_LT(argument.integer(), 5);
    } else {
      ASSERT_EQ(op.verb, "cas");
      ASSERT_EQ(argument.list().size(), 2u);
      EXPECT_LT(argument.list()[0].integer(), 5);
      EXPECT_GE(argument.list()[1].integer(), 0);
    }
    EXPECT_TRUE(op.process.is_client());
  }
  EXPECT_NEAR(verbs["read"], 2000, 150);
  EXPECT_NEAR(verbs["write"], 1000, 150);
  EXPECT_NEAR(verbs["cas"], 1000, 150);
}

TEST(RegisterWorkload, BoundsTheOpsOfAKeyAndSpreadsItsClientsOverTheHomes) {
  std::map<std::int64_t, std::size_t> ops;
  std::map<std::int64_t, std::set<std::int32_t>> homes;
  gen::Play result = play({{"ops-per-key", "100"}, {"threads-per-key", "5"}}, 10,
                          gen::perfect(), 2000);
  for (const Op& op : result.invocations()) {
    ++ops[key_of(op)];
    homes[key_of(op)].insert(op.process.id % 5);
  }
  EXPECT_EQ(ops.size(), 20u);  // two groups go on at the same pace
  for (const auto& [key, count] : ops) EXPECT_EQ(count, 100u) << key;
  for (const auto& [key, nodes] : homes) EXPECT_EQ(nodes.size(), 5u) << key;
}

TEST(RegisterWorkload, LeavesAKeyWhenManyOpsOnItAreUnknown) {
  std::map<std::int64_t, std::set<std::int32_t>> processes;
  for (const Op& op : play({}, 10, gen::lost(), 1000).invocations()) {
    processes[key_of(op)].insert(op.process.id);
  }
  EXPECT_EQ(processes.size(), 50u);
  for (const auto& [key, of_key] : processes) EXPECT_EQ(of_key.size(), 20u) << key;
}

TEST(RegisterWorkload, IsTheSameForTheSameSeedOnly) {
  auto one = gen::print(play({}, 6, gen::perfect(), 500).history);
  EXPECT_EQ(one, gen::print(play({}, 6, gen::perfect(), 500).history));
  EXPECT_NE(one, gen::print(play({{"values", "6"}}, 6, gen::perfect(), 500).history));
}

TEST(RegisterWorkload, WorksWithOneClient) {
  EXPECT_EQ(play({}, 1, gen::perfect(), 700).invocations().size(), 700u);
}

}  // namespace
}  // namespace sunder
