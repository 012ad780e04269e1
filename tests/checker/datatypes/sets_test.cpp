// set, g-set and counter.

#include <gtest/gtest.h>

#include "checker/linearizable/verbs.h"
#include "tests/checker/support/datatype_calls.h"

namespace sunder {
namespace {

using namespace linearizable;
using testing_support::decode;
using testing_support::make_datatype;
using testing_support::play;
using testing_support::state_after;

TEST(Sets, what_was_added_is_there_until_it_is_removed) {
  for (const char* name : {"set", "g-set"}) {
    EXPECT_EQ(play(name, {{"add", "1", "nil"}, {"contains", "1", "true"}}), "legal") << name;
    EXPECT_EQ(play(name, {{"contains", "1", "true"}}), "0: contains 1 true") << name;
    EXPECT_EQ(play(name, {{"add", "1", "1"}, {"member", "1", "false"}}), "1: contains 1 false");
    EXPECT_EQ(state_after(name, {{"add", "2", "nil"}, {"add", "1", "true"}}), "[1 2]") << name;
  }
  EXPECT_EQ(play("set", {{"add", "1", "nil"}, {"remove", "1", "nil"}, {"contains", "1", "false"}}),
            "legal");
  EXPECT_EQ(state_after("set", {{"add", "1", "nil"}, {"remove", "1", "true"}}), "[]");
  EXPECT_EQ(play("g-set", {{"remove", "1", "nil"}}), "0: refused");
}

TEST(Sets, answers_tell_whether_the_set_changed) {
  EXPECT_EQ(play("set", {{"add", "1", "true"}, {"add", "1", "false"}}), "legal");
  EXPECT_EQ(play("set", {{"add", "1", "nil"}, {"add", "1", "true"}}), "1: add 1 (new)");
  EXPECT_EQ(play("set", {{"add", "1", "false"}}), "0: add 1 (there already)");
  EXPECT_EQ(play("set", {{"remove", "1", "true"}}), "0: remove 1 (was there)");
  EXPECT_EQ(play("set", {{"add", "1", "1"}, {"remove", "1", "false"}}),
            "1: remove 1 (was not there)");
  EXPECT_EQ(play("set", {{"remove", "1", "nil"}, {"remove", "1", "false"}}), "legal");
}

TEST(Sets, a_read_finds_every_element_once_in_any_order) {
  EXPECT_EQ(play("set", {{"read", "nil", "[]"}, {"read", "nil", "#{}"}}), "legal");
  EXPECT_EQ(play("set", {{"add", "1", "1"}, {"add", "2", "2"}, {"read", "nil", "[2 1]"}}), "legal");
  EXPECT_EQ(play("set", {{"add", "1", "1"}, {"read", "nil", "#{1 2}"}}), "1: read [1 2]");
  EXPECT_EQ(play("set", {{"add", "1", "1"}, {"read", "nil", "[]"}}), "1: read []");
  EXPECT_EQ(play("set", {{"add", "1", "1"}, {"read", "nil", "[1 1]"}}), "1: broken");
  EXPECT_EQ(play("set", {{"read", "nil", "3"}}), "0: broken");
}

TEST(Sets, what_is_no_operation_is_refused) {
  EXPECT_EQ(play("set", {{"add", "nil", "nil"}}), "0: refused");
  EXPECT_EQ(play("set", {{"union", "1", "nil"}}), "0: refused");
  EXPECT_EQ(play("set", {{"add", "1", "2"}}), "0: broken");
  EXPECT_EQ(play("set", {{"contains", "1", "nil"}}), "0: broken");
}

TEST(Sets, ops_become_calls_with_the_verbs_of_monitors) {
  auto datatype = make_datatype("set");
  auto decoded = decode(*datatype, R"(
    [{:process 0, :type :invoke, :f :add, :value 5}
     {:process 1, :type :invoke, :f :remove, :value 5}
     {:process 2, :type :invoke, :f :add, :value 6}
     {:process 2, :type :fail, :f :add, :value 6}
     {:process 2, :type :invoke, :f :read, :value nil}
     {:process 2, :type :ok, :f :read, :value #{7 5}}])");
  ASSERT_EQ(decoded.operations.size(), 3u);
  EXPECT_EQ(decoded.operations[0].call.verb, set_verb::add_any);
  EXPECT_EQ(decoded.operations[1].call.verb, set_verb::remove_any);
  EXPECT_EQ(decoded.operations[2].call.verb, set_verb::read_all);
  EXPECT_EQ(datatype->values().text(decoded.operations[2].call.output), "[5 7]");
}

TEST(Sets, crashed_calls_that_no_call_can_need_are_left_out) {
  auto datatype = make_datatype("set");
  auto decoded = decode(*datatype, R"(
    [{:process 0, :type :invoke, :f :add, :value 1}
     {:process 1, :type :invoke, :f :add, :value 2}
     {:process 2, :type :invoke, :f :remove, :value 1}
     {:process 3, :type :invoke, :f :remove, :value 2}
     {:process 4, :type :invoke, :f :read, :value nil}
     {:process 4, :type :ok, :f :read, :value [1]}])");
  ASSERT_EQ(decoded.operations.size(), 5u);
  datatype->prune(decoded.operations);
  ASSERT_EQ(decoded.operations.size(), 3u);
  EXPECT_EQ(datatype->describe(decoded.operations[0].call, true), "add 1");
  EXPECT_EQ(datatype->describe(decoded.operations[1].call, true), "remove 2");
}

TEST(Counter, a_read_finds_the_sum) {
  EXPECT_EQ(play("counter", {{"read", "nil", "0"}, {"add", "3", "3"}, {"read", "nil", "3"}}),
            "legal");
  EXPECT_EQ(
      state_after("counter",
                  {{"increment", "nil", "nil"}, {"decrement", "5", "nil"}, {"inc", "1", "1"}}),
      "-3");
  EXPECT_EQ(play("counter", {{"add", "-2", "nil"}, {"read", "nil", "2"}}), "1: read 2");
  EXPECT_EQ(play("counter", {{"read", "nil", "7"}}, {{"initial", "7"}}), "legal");
}

TEST(Counter, what_is_no_operation_is_refused) {
  EXPECT_EQ(play("counter", {{"add", "nil", "nil"}}), "0: refused");
  EXPECT_EQ(play("counter", {{"add", "4294967296", "nil"}}), "0: refused");
  EXPECT_EQ(play("counter", {{"read", "nil", "nil"}}), "0: broken");
  EXPECT_EQ(play("counter", {{"add", "1", "2"}}), "0: broken");
}

TEST(Counter, crashed_adds_after_the_last_read_are_left_out) {
  auto datatype = make_datatype("counter");
  auto decoded = decode(*datatype, R"(
    [{:process 0, :type :invoke, :f :add, :value 1}
     {:process 1, :type :invoke, :f :read, :value nil}
     {:process 1, :type :ok, :f :read, :value 0}
     {:process 2, :type :invoke, :f :add, :value 1}])");
  datatype->prune(decoded.operations);
  ASSERT_EQ(decoded.operations.size(), 2u);
  EXPECT_EQ(decoded.operations[0].invoked, 0u);
}

}  // namespace
}  // namespace sunder
