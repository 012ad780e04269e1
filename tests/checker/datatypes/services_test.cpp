// semaphore, append-only-log, unique-ids, leader-registration and multi-register.

#include <gtest/gtest.h>

#include "tests/checker/support/datatype_calls.h"

namespace sunder {
namespace {

using namespace linearizable;
using testing_support::decode;
using testing_support::make_datatype;
using testing_support::OptionTexts;
using testing_support::play;
using testing_support::state_after;
using testing_support::Turn;

/// The positions of the operations that prune() leaves.
std::vector<std::uint32_t> left_of(const char* name, const char* text) {
  auto datatype = make_datatype(name);
  auto decoded = decode(*datatype, text);
  EXPECT_EQ(decoded.refused + decoded.broken, 0u);
  datatype->prune(decoded.operations);
  std::vector<std::uint32_t> invoked;
  for (const Operation& operation : decoded.operations) invoked.push_back(operation.invoked);
  return invoked;
}
using Left = std::vector<std::uint32_t>;

TEST(Semaphore, no_more_permits_are_held_than_there_are) {
  OptionTexts three{{"permits", "3"}};
  EXPECT_EQ(play("semaphore", {{"acquire", "nil", "nil"}, {"acquire", "nil", "nil"}}),
            "1: acquire");
  EXPECT_EQ(state_after("semaphore", {{"acquire", "2", "2"}, {"acquire", "nil", "nil"}}, three),
            "0");
  EXPECT_EQ(play("semaphore", {{"acquire", "2", "2"}, {"acquire", "2", "2"}}, three),
            "1: acquire 2");
  EXPECT_EQ(play("semaphore", {{"acquire", "2", "2"}, {"release", "3", "nil"}}, three),
            "1: release 3");
  EXPECT_EQ(play("semaphore", {{"acquire", "2", "true"}, {"acquire", "2", "false"}}, three),
            "legal");
  EXPECT_EQ(play("semaphore", {{"acquire", "0", "nil"}}), "0: refused");
  EXPECT_EQ(play("semaphore", {{"acquire", "1", "2"}}), "0: broken");
}

TEST(Semaphore, crashed_calls_without_a_completed_partner_are_left_out) {
  EXPECT_EQ(left_of("semaphore", R"(
    [{:process 0, :type :invoke, :f :acquire, :value 1}
     {:process 1, :type :invoke, :f :release, :value 1}
     {:process 2, :type :invoke, :f :acquire, :value 1}
     {:process 2, :type :ok, :f :acquire, :value 1}])"),
            (Left{1, 2}));
  EXPECT_EQ(left_of("semaphore", R"(
    [{:process 0, :type :invoke, :f :acquire, :value 2}
     {:process 1, :type :invoke, :f :release, :value 3}
     {:process 2, :type :invoke, :f :acquire, :value 1}
     {:process 2, :type :ok, :f :acquire, :value 1}])"),
            (Left{0, 1, 2}));
}

TEST(AppendOnlyLog, values_lie_under_consecutive_offsets) {
  std::vector<Turn> two{{"append", "7", "0"}, {"append", "8", "nil"}};
  EXPECT_EQ(state_after("append-only-log", two), "[7 8]");
  auto then = [&](Turn turn) {
    std::vector<Turn> turns = two;
    turns.push_back(std::move(turn));
    return play("append-only-log", turns);
  };
  EXPECT_EQ(then({"append", "9", "2"}), "legal");
  EXPECT_EQ(then({"append", "9", "1"}), "2: append 9 at 1");
  EXPECT_EQ(then({"read", "1", "8"}), "legal");
  EXPECT_EQ(then({"read", "0", "8"}), "2: read at 0: 8");
  EXPECT_EQ(then({"read", "2", "nil"}), "legal");
  EXPECT_EQ(then({"read", "-1", "nil"}), "legal");
  EXPECT_EQ(then({"read", "1", "nil"}), "2: read at 1: nil");
  EXPECT_EQ(then({"read", "nil", "[7 8]"}), "legal");
  EXPECT_EQ(then({"read", "nil", "[8 7]"}), "2: read [8 7]");
  EXPECT_EQ(then({"length", "nil", "2"}), "legal");
  EXPECT_EQ(then({"length", "nil", "1"}), "2: length 1");
  EXPECT_EQ(play("append-only-log", {{"append", "7", "1"}}, {{"first-offset", "1"}}), "legal");
}

TEST(AppendOnlyLog, what_is_no_operation_is_refused) {
  EXPECT_EQ(play("append-only-log", {{"append", "nil", "0"}}), "0: refused");
  EXPECT_EQ(play("append-only-log", {{"read", "\"a\"", "0"}}), "0: refused");
  EXPECT_EQ(play("append-only-log", {{"append", "1", "\"a\""}}), "0: broken");
  EXPECT_EQ(play("append-only-log", {{"read", "nil", "1"}}), "0: broken");
  EXPECT_EQ(play("append-only-log", {{"length", "nil", "nil"}}), "0: broken");
}

TEST(AppendOnlyLog, crashed_appends_that_nobody_can_see_are_left_out) {
  EXPECT_EQ(left_of("append-only-log", R"(
    [{:process 0, :type :invoke, :f :append, :value 1}
     {:process 1, :type :invoke, :f :length, :value nil}
     {:process 1, :type :ok, :f :length, :value 1}
     {:process 2, :type :invoke, :f :append, :value 2}
     {:process 1, :type :invoke, :f :append, :value 3}
     {:process 1, :type :ok, :f :append, :value nil}])"),
            (Left{0, 1, 4}));
}

TEST(UniqueIds, no_id_is_given_twice) {
  EXPECT_EQ(play("unique-ids", {{"generate", "nil", "1"}, {"generate", "nil", "\"1\""}}), "legal");
  EXPECT_EQ(play("unique-ids",
                 {{"generate", "nil", "1"}, {"generate", "nil", "2"}, {"generate", "nil", "1"}}),
            "2: generate 1");
  EXPECT_EQ(
      play("unique-ids", {{"generate", "nil", "nil", 0, Phase::info}, {"generate", "nil", "1"}}),
      "legal");
  EXPECT_EQ(play("unique-ids", {{"generate", "nil", "nil"}}), "0: broken");
  EXPECT_EQ(play("unique-ids", {{"read", "nil", "1"}}), "0: refused");
}

TEST(LeaderRegistration, the_first_candidate_leads_for_good) {
  std::vector<Turn> two{{"register", "\"a\"", "\"a\""}, {"elect", "\"b\"", "\"a\""}};
  EXPECT_EQ(state_after("leader-registration", two), "\"a\"");
  two.push_back({"read", "nil", "\"b\""});
  EXPECT_EQ(play("leader-registration", two), "2: read \"b\"");
  EXPECT_EQ(play("leader-registration", {{"announce", "1", "2"}}), "0: register 1 (2 leads)");
  EXPECT_EQ(play("leader-registration", {{"register", "1", "1"}, {"register", "2", "2"}}),
            "1: register 2 (2 leads)");
  EXPECT_EQ(
      state_after("leader-registration", {{"read", "nil", "nil"}, {"elect", "nil", "nil", 4}}),
      "4");
  EXPECT_EQ(play("leader-registration", {{"elect", "1", "nil"}, {"read", "nil", "nil"}}),
            "1: read nil");
}

TEST(LeaderRegistration, answers_may_only_say_who_won) {
  EXPECT_EQ(play("leader-registration", {{"elect", "1", "true"}, {"elect", "2", "false"}}),
            "legal");
  EXPECT_EQ(play("leader-registration", {{"elect", "1", "true"}, {"elect", "2", "true"}}),
            "1: register 2 (2 leads)");
  EXPECT_EQ(play("leader-registration", {{"elect", "1", "false"}}),
            "0: register 1 (another one leads)");
  EXPECT_EQ(play("leader-registration", {{"elect", "[1]", "true"}}), "0: refused");
  EXPECT_EQ(play("leader-registration", {{"elect", "1", "[1]"}}), "0: broken");
}

TEST(LeaderRegistration, crashed_candidates_that_nobody_named_are_left_out) {
  const std::string crashed = R"(
    [{:process 0, :type :invoke, :f :elect, :value 1}
     {:process 1, :type :invoke, :f :elect, :value 2}
     {:process 2, :type :invoke, :f :elect, :value 1}
     {:process 3, :type :invoke, :f :elect, :value 3}
     {:process 3, :type :ok, :f :elect, :value )";
  EXPECT_EQ(left_of("leader-registration", (crashed + "1}]").c_str()), (Left{0, 3}));
  EXPECT_EQ(left_of("leader-registration", (crashed + "3}]").c_str()), (Left{3}));
  EXPECT_EQ(left_of("leader-registration", (crashed + "false}]").c_str()), (Left{0, 1, 3}));
}

TEST(MultiRegister, one_operation_reads_and_writes_several_registers) {
  std::vector<Turn> turns{
      {"txn", "[[:w :x 1] [:w :y 2]]", "[[:w :x 1] [:w :y 2]]"},
      {"txn", "[[:r :x nil] [:w :x 3] [:r :x nil]]", "[[:r :x 1] [:w :x 3] [:r :x 3]]"}};
  EXPECT_EQ(state_after("multi-register", turns), "{:x 3, :y 2}");
  turns.push_back({"read", "{:x nil, :y nil}", "{:x 3, :y 2}"});
  EXPECT_EQ(play("multi-register", turns), "legal");
  turns.push_back({"txn", "[[:r :x nil] [:r :y nil]]", "[[:r :x 1] [:r :y 2]]"});
  EXPECT_EQ(play("multi-register", turns), "3: txn [[:r :x 1] [:r :y 2]]");
  EXPECT_EQ(
      state_after("multi-register", {{"write", "{1 2, 3 4}", "nil"}, {"write", "{1 nil}", "nil"}}),
      "{3 4}");
}

TEST(MultiRegister, registers_begin_with_a_value) {
  OptionTexts zero{{"initial", "0"}};
  EXPECT_EQ(play("multi-register", {{"read", "{1 nil}", "{1 nil}"}}), "legal");
  EXPECT_EQ(play("multi-register", {{"read", "{1 nil}", "{1 0}"}}), "0: txn [[:r 1 0]]");
  EXPECT_EQ(play("multi-register", {{"read", "{1 nil, 2 nil}", "{1 0, 2 nil}"}}, zero), "legal");
  std::vector<Turn> turns{{"write", "{1 5}", "nil"}, {"write", "{1 0}", "nil"}};
  EXPECT_EQ(state_after("multi-register", turns, zero), "{}");
  EXPECT_EQ(state_after("multi-register", {{"write", "{1 nil}", "nil"}}, zero), "{1 nil}");
}

TEST(MultiRegister, a_crashed_transaction_only_writes) {
  EXPECT_EQ(
      state_after("multi-register", {{"txn", "[[:r 1 nil] [:w 2 3]]", "nil", 0, Phase::info}}),
      "{2 3}");
  EXPECT_EQ(left_of("multi-register", R"(
    [{:process 0, :type :invoke, :f :txn, :value [[:w 1 1] [:w 2 2]]}
     {:process 1, :type :invoke, :f :txn, :value [[:w 1 2] [:w 2 1]]}
     {:process 2, :type :invoke, :f :txn, :value [[:r 1 nil]]}
     {:process 2, :type :ok, :f :txn, :value [[:r 1 1]]}])"),
            (Left{0, 2}));
}

TEST(MultiRegister, what_is_no_operation_is_refused) {
  EXPECT_EQ(play("multi-register", {{"txn", "[[:append 1 2]]", "nil"}}), "0: refused");
  EXPECT_EQ(play("multi-register", {{"txn", "[[:r 1]]", "nil"}}), "0: refused");
  EXPECT_EQ(play("multi-register", {{"read", "1", "nil"}}), "0: refused");
  EXPECT_EQ(play("multi-register", {{"txn", "[[:w 1 2]]", "[[:w 1 3]]"}}), "0: broken");
  EXPECT_EQ(play("multi-register", {{"read", "{1 nil}", "{2 nil}"}}), "0: broken");
}

}  // namespace
}  // namespace sunder
