// Queues, stacks and priority queues.

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
using testing_support::Turn;

const std::vector<const char*> names{"fifo-queue", "priority-queue", "stack", "unordered-queue"};

TEST(Containers, each_has_its_order) {
  std::vector<Turn> three{{"add", "2", "nil"}, {"add", "3", "3"}, {"add", "1", "true"}};
  auto take = [&](const char* name, const char* answer) {
    std::vector<Turn> turns = three;
    turns.push_back({"take", "nil", answer});
    return state_after(name, turns);
  };
  EXPECT_EQ(take("fifo-queue", "2"), "[3 1]");
  EXPECT_EQ(take("fifo-queue", "3"), "3: dequeue 3");
  EXPECT_EQ(take("stack", "1"), "[3 2]");
  EXPECT_EQ(take("stack", "2"), "3: pop 2");
  EXPECT_EQ(take("priority-queue", "1"), "[2 3]");
  EXPECT_EQ(take("priority-queue", "3"), "3: take 3");
  EXPECT_EQ(take("unordered-queue", "3"), "[1 2]");
  EXPECT_EQ(take("unordered-queue", "4"), "3: dequeue 4");
  three.push_back({"take", "nil", "3"});
  EXPECT_EQ(state_after("priority-queue", three, {{"first", "largest"}}), "[2 1]");
}

TEST(Containers, nil_is_found_where_nothing_is) {
  for (const char* name : names) {
    EXPECT_EQ(play(name, {{"take", "nil", "nil"}}), "legal") << name;
    EXPECT_EQ(play(name, {{"add", "1", "nil"}, {"take", "nil", "1"}, {"take", "nil", "nil"}}),
              "legal")
        << name;
    EXPECT_NE(play(name, {{"add", "1", "nil"}, {"take", "nil", "nil"}}), "legal") << name;
    EXPECT_NE(play(name, {{"add", "1", "1"}, {"take", "nil", "1"}, {"take", "nil", "1"}}), "legal")
        << name;
  }
}

TEST(Containers, equal_elements_are_counted) {
  std::vector<Turn> twice{{"add", "1", "1"}, {"add", "1", "1"}, {"take", "nil", "1"}};
  for (const char* name : names) {
    EXPECT_EQ(state_after(name, twice), "[1]") << name;
  }
}

TEST(Containers, a_failed_take_says_that_nothing_is_there_only_if_told_so) {
  for (const char* name : names) {
    std::vector<Turn> turns{{"add", "1", "1"}, {"take", "nil", "nil", 0, Phase::fail}};
    EXPECT_EQ(play(name, turns), "legal") << name;
    EXPECT_NE(play(name, turns, {{"failed-take", "observed"}}), "legal") << name;
    turns[1].error = ":empty";
    EXPECT_NE(play(name, turns, {{"failed-take", "observed"}}), "legal") << name;
    turns[1].error = "unavailable";
    EXPECT_EQ(play(name, turns, {{"failed-take", "observed"}}), "legal") << name;
  }
}

TEST(Containers, a_crashed_take_removes_what_is_next) {
  std::vector<Turn> turns{{"take", "nil", "nil", 0, Phase::info},
                          {"add", "2", "2"},
                          {"add", "1", "1"},
                          {"take", "nil", "nil", 1, Phase::info}};
  EXPECT_EQ(state_after("fifo-queue", turns), "[1]");
  EXPECT_EQ(state_after("stack", turns), "[2]");
  EXPECT_EQ(state_after("priority-queue", turns), "[2]");
  EXPECT_EQ(state_after("unordered-queue", turns), R"({"elements" [1 2], "of_which_gone" 1})");
  turns.push_back(turns.back());
  for (const char* name : names) EXPECT_EQ(state_after(name, turns), "[]") << name;
}

TEST(Containers, what_is_no_operation_is_refused) {
  for (const char* name : names) {
    EXPECT_EQ(play(name, {{"read", "nil", "nil"}}), "0: refused") << name;
    EXPECT_EQ(play(name, {{"add", "nil", "nil"}}), "0: refused") << name;
    EXPECT_EQ(play(name, {{"add", "1", "2"}}), "0: broken") << name;
  }
  EXPECT_EQ(play("priority-queue", {{"insert", "\"a\"", "nil"}}), "0: refused");
  EXPECT_EQ(play("priority-queue", {{"insert", "1", "1"}, {"poll", "nil", "[1]"}}), "1: broken");
  EXPECT_EQ(play("fifo-queue", {{"enqueue", "[1 2]", "[1 2]"}, {"dequeue", "nil", "[1 2]"}}),
            "legal");
}

TEST(Containers, ops_become_calls_with_the_verbs_of_monitors) {
  auto datatype = make_datatype("priority-queue");
  auto decoded = decode(*datatype, R"(
    [{:process 0, :type :invoke, :f :insert, :value -5}
     {:process 1, :type :invoke, :f :take, :value nil}
     {:process 2, :type :invoke, :f :poll, :value nil}
     {:process 2, :type :ok, :f :poll, :value -5}
     {:process 2, :type :invoke, :f :delete-min, :value nil}
     {:process 2, :type :ok, :f :delete-min, :value nil}])");
  ASSERT_EQ(decoded.operations.size(), 4u);
  EXPECT_EQ(decoded.operations[0].call, (Call{container_verb::add, 0, -5, 0}));
  EXPECT_EQ(decoded.operations[1].call,
            (Call{container_verb::take, 0, 0, container_verb::unknown_integer}));
  EXPECT_EQ(decoded.operations[2].call, (Call{container_verb::take, 0, 0, -5}));
  EXPECT_EQ(decoded.operations[3].call, (Call{container_verb::take_empty, 0, 0, 0}));
}

TEST(Containers, crashed_calls_that_cannot_matter_are_left_out) {
  constexpr const char* text = R"(
    [{:process 0, :type :invoke, :f :add, :value 1}
     {:process 1, :type :invoke, :f :add, :value 1}
     {:process 2, :type :invoke, :f :add, :value 2}
     {:process 3, :type :invoke, :f :take, :value nil}
     {:process 4, :type :invoke, :f :take, :value nil}
     {:process 5, :type :invoke, :f :add, :value 3}
     {:process 5, :type :ok, :f :add, :value 3}
     {:process 5, :type :invoke, :f :take, :value nil}
     {:process 5, :type :ok, :f :take, :value 1}])";
  for (const char* name : names) {
    auto datatype = make_datatype(name);
    auto decoded = decode(*datatype, text);
    datatype->prune(decoded.operations);
    std::vector<std::uint32_t> left;
    for (const Operation& operation : decoded.operations) left.push_back(operation.invoked);
    bool unordered = std::string_view(name) == "unordered-queue";
    EXPECT_EQ(left, unordered ? std::vector<std::uint32_t>({0, 5, 7})
                              : std::vector<std::uint32_t>({0, 3, 5, 7}))
        << name;
  }
}

}  // namespace
}  // namespace sunder
