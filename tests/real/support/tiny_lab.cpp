#include "tests/real/support/tiny_lab.h"

#include "catalogue/nemesis.h"
#include "harness/core/json.h"
#include "tests/real/support/tiny_system.h"

namespace sunder {

Test tiny_test(int nodes, const std::vector<std::string>& nemeses) {
  Test test;
  test.name = "tiny";
  test.seed = 1;
  test.nodes = nodes;
  test.concurrency = 2;
  test.system = tiny_system();
  test.op_timeout = std::chrono::seconds(1);
  test.ready_timeout = std::chrono::seconds(20);
  Registry<Nemesis> all;
  add_all_nemesis(all);
  for (const std::string& name : nemeses) test.nemeses.push_back(*all.find(name));
  return test;
}

Status TinyLab::open(Test test, const LabSpace& space, const Alter& alter) {
  test_ = std::move(test);
  LabOptions options = lab_options(folder_.path(), space);
  if (alter) alter(options);
  auto created = LabWorld::create(test_, options, journal_);
  if (!created) return created.error();
  world_ = *std::move(created);
  return Done{};
}

Op TinyLab::perform(Process process, std::string_view verb, Value value) {
  Op op;
  op.process = process;
  op.verb = verb;
  op.value = std::move(value);
  world_->dispatch(op);
  std::optional<Op> done = world_->await(world_->now() + std::chrono::minutes(1));
  return done ? *done : Op{.phase = Phase::info, .error = "nothing came back"};
}

void TinyLabTest::SetUp() {
  if (!lab_place()) GTEST_SKIP() << "no namespaces here: " << lab_place().error().context;
}

void TinyLabTest::open(sunder::Test test, const TinyLab::Alter& alter) {
  Status opened = lab_.open(std::move(test), *lab_place(), alter);
  ASSERT_TRUE(opened) << opened.error().context;
  expect_ok(lab_.control(verb_await_ready));
}

void TinyLabTest::expect_ok(const Op& op) {
  EXPECT_EQ(op.phase, Phase::ok) << to_json(op.value) << op.error;
}

}  // namespace sunder
