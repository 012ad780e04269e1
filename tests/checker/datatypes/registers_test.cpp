// register, cas-register and etcd.

#include <gtest/gtest.h>

#include "checker/linearizable/verbs.h"
#include "tests/checker/support/datatype_calls.h"

namespace sunder {
namespace {

using namespace linearizable;
using testing_support::decode;
using testing_support::make_datatype;
using testing_support::OptionTexts;
using testing_support::play;
using testing_support::state_after;

TEST(Registers, a_read_finds_the_last_write) {
  for (const char* name : {"register", "cas-register", "etcd"}) {
    EXPECT_EQ(play(name, {{"write", "1", "1"}, {"read", "nil", "1"}}), "legal") << name;
    EXPECT_EQ(play(name, {{"write", "1", "nil"}, {"read", "nil", "2"}}), "1: read 2") << name;
    EXPECT_EQ(play(name, {{"read", "nil", "nil"}, {"write", "\"a\"", "nil"}}), "legal") << name;
    EXPECT_EQ(play(name, {{"write", "1", "nil"}, {"read", "nil", "nil"}}), "1: read nil") << name;
  }
}

TEST(Registers, a_cas_needs_what_it_expects) {
  EXPECT_EQ(state_after("cas-register", {{"write", "1", "1"}, {"cas", "[1 2]", "[1 2]"}}), "2");
  EXPECT_EQ(play("cas-register", {{"write", "1", "1"}, {"cas", "[3 2]", "nil"}}), "1: cas 3 to 2");
  EXPECT_EQ(play("register", {{"cas", "[1 2]", "nil"}}), "0: refused");
}

TEST(Registers, a_failed_cas_is_an_observation_for_etcd_only) {
  std::vector<testing_support::Turn> turns{{"write", "1", "1"},
                                           {"cas", "[1 2]", "[1 2]", 0, Phase::fail}};
  EXPECT_EQ(play("etcd", turns), "1: failed cas from 1");
  EXPECT_EQ(play("cas-register", turns), "legal");
  EXPECT_EQ(play("cas-register", turns, {{"failed-cas", "observed"}}), "1: failed cas from 1");
  turns[1].error = "unavailable";
  EXPECT_EQ(play("etcd", turns), "legal");
  turns[1].error = "compare failed: 1";
  EXPECT_EQ(play("etcd", turns), "1: failed cas from 1");
}

TEST(Registers, nil_says_nothing_of_a_register_that_begins_with_a_value) {
  OptionTexts zero{{"initial", "0"}};
  EXPECT_EQ(play("cas-register", {{"read", "nil", "0"}, {"read", "nil", "nil"}}, zero), "legal");
  EXPECT_EQ(play("cas-register", {{"read", "nil", "1"}}, zero), "0: read 1");
  EXPECT_EQ(play("register", {{"read", "nil", "\"zero\""}}, {{"initial", "zero"}}), "legal");
}

TEST(Registers, what_is_no_operation_is_refused) {
  EXPECT_EQ(play("cas-register", {{"cas", "3", "nil"}}), "0: refused");
  EXPECT_EQ(play("cas-register", {{"cas", "[1 [2]]", "nil"}}), "0: refused");
  EXPECT_EQ(play("cas-register", {{"write", "[1 2]", "nil"}}), "0: refused");
  EXPECT_EQ(play("cas-register", {{"append", "1", "nil"}}), "0: refused");
  EXPECT_EQ(play("cas-register", {{"write", "1", "2"}}), "0: broken");
  EXPECT_EQ(play("cas-register", {{"read", "nil", "[1 2]"}}), "0: broken");
}

TEST(Registers, ops_become_calls_with_the_verbs_of_monitors) {
  auto datatype = make_datatype("etcd");
  auto decoded = decode(*datatype, R"(
    [{:process 0, :type :invoke, :f :write, :value 5}
     {:process 1, :type :invoke, :f :read, :value nil}
     {:process 0, :type :ok, :f :write, :value 5}
     {:process 1, :type :ok, :f :read, :value 5}
     {:process 1, :type :invoke, :f :cas, :value [5 6]}
     {:process 1, :type :info, :f :cas, :value [5 6]}
     {:process 0, :type :invoke, :f :cas, :value [7 8]}
     {:process 0, :type :fail, :f :cas, :value [7 8]}])");
  ASSERT_EQ(decoded.operations.size(), 4u);
  EXPECT_EQ(decoded.operations[0].call.verb, register_verb::write);
  EXPECT_EQ(decoded.operations[0].call.input, decoded.operations[1].call.output);
  EXPECT_EQ(decoded.operations[0].returned, 2u);
  EXPECT_EQ(decoded.operations[2].call.verb, register_verb::cas);
  EXPECT_TRUE(decoded.operations[2].crashed());
  EXPECT_EQ(decoded.operations[3].call.verb, register_verb::failed_cas);
}

TEST(Registers, crashed_calls_whose_values_nobody_needs_are_left_out) {
  auto datatype = make_datatype("cas-register");
  auto decoded = decode(*datatype, R"(
    [{:process 0, :type :invoke, :f :write, :value 1}
     {:process 1, :type :invoke, :f :cas, :value [1 2]}
     {:process 2, :type :invoke, :f :cas, :value [2 3]}
     {:process 3, :type :invoke, :f :write, :value 4}
     {:process 4, :type :invoke, :f :read, :value nil}
     {:process 4, :type :ok, :f :read, :value 4}])");
  ASSERT_EQ(decoded.operations.size(), 5u);
  datatype->prune(decoded.operations);
  ASSERT_EQ(decoded.operations.size(), 2u);
  EXPECT_EQ(datatype->describe(decoded.operations[0].call, true), "write 4");
}

}  // namespace
}  // namespace sunder
