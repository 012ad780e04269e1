// The models of one order.

#include <gtest/gtest.h>

#include <atomic>

#include "checker/weak/decide.h"
#include "tests/checker/weak/support/agreement.h"
#include "tests/checker/weak/support/builder.h"
#include "tests/checker/weak/support/families.h"
#include "tests/checker/weak/support/formulas.h"
#include "tests/checker/weak/support/small_registers.h"

namespace sunder {
namespace {

using namespace weak;
using namespace testing_support;

constexpr std::int32_t x = 0;
constexpr std::int32_t y = 1;
constexpr Outcome yes = Outcome::holds;
constexpr Outcome no = Outcome::refuted;

Limits seconds(int count) {
  return Limits{.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(count)};
}

TEST(Sequential, agrees_with_its_definition) {
  compare_with_definition(decide_sequential, is_sequential);
}

TEST(OrderedSequential, agrees_with_its_definition) {
  compare_with_definition(decide_ordered_sequential, is_ordered_sequential);
}

TEST(ConsistentPrefix, agrees_with_its_definition) {
  compare_with_definition(decide_consistent_prefix, is_consistent_prefix);
}

TEST(Sequential, of_nothing_holds) {
  EXPECT_EQ(decide_sequential(Registers{}, Limits{}).outcome, yes);
}

struct Answers {
  Outcome sequential;
  Outcome consistent_prefix;
  Outcome processor;
};

void expect(const RegistersBuilder& history, Answers expected) {
  Registers registers = history.build();
  EXPECT_EQ(decide_sequential(registers, Limits{}).outcome, expected.sequential);
  EXPECT_EQ(decide_consistent_prefix(registers, Limits{}).outcome, expected.consistent_prefix);
  EXPECT_EQ(decide_processor(registers, Limits{}).outcome, expected.processor);
}

TEST(OneOrder, allows_no_store_buffers_but_prefixes_do) {
  RegistersBuilder history;
  history.write(0, x);
  history.read(0, y, initial);
  history.write(1, y);
  history.read(1, x, initial);
  expect(history, {no, yes, yes});
}

TEST(OneOrder, passes_messages) {
  for (bool stale : {false, true}) {
    RegistersBuilder history;
    auto data = history.write(0, x);
    auto flag = history.write(0, y);
    history.read(1, y, flag);
    history.read(1, x, stale ? initial : data);
    Outcome expected = stale ? no : yes;
    expect(history, {expected, expected, expected});
  }
}

TEST(OneOrder, is_the_same_for_all_readers_of_independent_writes) {
  RegistersBuilder history;
  auto one = history.write(0, x);
  auto other = history.write(1, y);
  history.read(2, x, one);
  history.read(2, y, initial);
  history.read(3, y, other);
  history.read(3, x, initial);
  expect(history, {no, no, yes});
}

TEST(OneOrder, keeps_causes_before_effects) {
  RegistersBuilder history;
  auto cause = history.write(0, x);
  history.read(1, x, cause);
  auto effect = history.write(1, y);
  history.read(2, y, effect);
  history.read(2, x, initial);
  expect(history, {no, no, yes});
}

TEST(OneOrder, has_no_reads_from_the_future) {
  RegistersBuilder history;  // each session reads what the other one writes afterwards
  history.read(0, x, 3);
  history.write(0, y);
  history.read(1, y, 1);
  history.write(1, x);
  expect(history, {no, no, yes});
}

TEST(OneOrder, is_coherent) {
  RegistersBuilder history;
  auto first = history.write(0, x);
  auto second = history.write(1, x);
  for (std::uint32_t reader : {2U, 3U}) {
    history.read(reader, x, reader == 2 ? first : second);
    history.read(reader, x, reader == 2 ? second : first);
  }
  expect(history, {no, no, no});
}

TEST(OrderedSequential, lets_reads_be_late_but_not_writes) {
  RegistersBuilder late_read;
  late_read.write(0, x);
  late_read.read(1, x, initial);
  EXPECT_EQ(decide_ordered_sequential(late_read.build(), Limits{}).outcome, yes);
  RegistersBuilder late_write;
  auto first = late_write.write(0, x);
  auto second = late_write.write(1, x);
  late_write.read(2, x, second);
  late_write.read(2, x, first);
  EXPECT_EQ(decide_sequential(late_write.build(), Limits{}).outcome, yes);
  Finding finding = decide_ordered_sequential(late_write.build(), Limits{});
  EXPECT_EQ(finding.outcome, no);
  EXPECT_EQ(finding.core.size(), 4u);
  EXPECT_FALSE(finding.circle.empty());
}

TEST(Formulas, are_satisfiable_when_their_histories_are_sequential) {
  int satisfiable = 0;
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    Formula formula = random_formula(seed, 4, 8 + seed % 24);
    bool expected = is_satisfiable(formula);
    satisfiable += expected ? 1 : 0;
    Finding finding = decide_sequential(encode(formula), Limits{});
    ASSERT_EQ(finding.outcome, expected ? yes : no) << "seed " << seed;
  }
  EXPECT_GT(satisfiable, 20);
  EXPECT_LT(satisfiable, 80);
}

TEST(Formulas, that_are_hard_are_unknown_when_the_time_is_over) {
  Registers hard = encode(random_formula(7, 300, 1290));
  Limits limits{.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(300)};
  auto began = std::chrono::steady_clock::now();
  Finding finding = decide_sequential(hard, limits);
  EXPECT_EQ(finding.outcome, Outcome::unknown);
  EXPECT_NE(finding.reason.find("dead ends"), std::string::npos) << finding.reason;
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  std::atomic<bool> stop{true};
  EXPECT_EQ(decide_sequential(hard, {.stop = &stop}).outcome, Outcome::unknown);
  EXPECT_EQ(decide_sequential(hard, {.memory = 1000}).outcome, Outcome::unknown);
}

void expect_family(const Family& wanted, Outcome expected) {
  Registers registers = family(wanted);
  auto decide = wanted.sees_own_writes ? decide_sequential : decide_consistent_prefix;
  Finding finding = decide(registers, seconds(20));
  EXPECT_EQ(finding.outcome, expected) << finding.reason;
  if (expected == no) {
    Registers core = part_of(registers, finding.core);
    EXPECT_EQ(decide(core, seconds(20)).outcome, no);
  }
}

TEST(Families, are_decided) {
  using Plant = Family::Plant;
  for (Plant plant : {Plant::nothing, Plant::old_value, Plant::split_order}) {
    Outcome expected = plant == Plant::nothing ? yes : no;
    for (std::uint32_t sessions : {8U, 64U}) {
      Family wanted{.operations = 20'000, .sessions = sessions, .plant = plant};
      expect_family(wanted, expected);
      wanted.lag = 50;
      expect_family(wanted, expected);
      wanted.keys = 5;
      expect_family(wanted, expected);
      wanted.keys = 2000;
      wanted.zipf = false;
      expect_family(wanted, expected);
      wanted.retired_per_mille = 10;
      expect_family(wanted, expected);
      wanted.sees_own_writes = false;
      expect_family(wanted, expected);
    }
  }
}

// The verdicts of models without real time may not depend on times.
TEST(Families, are_sequential_whatever_their_times) {
  Registers registers = family({.operations = 2000});
  Registers backwards = registers;
  for (Operation& operation : backwards.operations) {
    operation.invoked = 10'000 - operation.invoked;
    operation.returned = operation.invoked + 1;
  }
  for (auto decide : {decide_sequential, decide_consistent_prefix, decide_processor}) {
    EXPECT_EQ(decide(registers, Limits{}).outcome, yes);
    EXPECT_EQ(decide(backwards, Limits{}).outcome, yes);
  }
  EXPECT_EQ(decide_ordered_sequential(registers, Limits{}).outcome, yes);
  EXPECT_EQ(decide_ordered_sequential(backwards, Limits{}).outcome, no);
}

}  // namespace
}  // namespace sunder
