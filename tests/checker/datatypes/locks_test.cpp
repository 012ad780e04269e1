// mutex, owner-lock, reentrant-mutex and fenced-mutex.

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

const std::vector<const char*> owned{"fenced-mutex", "owner-lock", "reentrant-mutex"};

TEST(Locks, only_one_process_holds_a_lock) {
  EXPECT_EQ(play("mutex", {{"acquire", "nil", "nil", 0}, {"acquire", "nil", "nil", 1}}),
            "1: acquire");
  for (const char* name : owned) {
    EXPECT_EQ(play(name, {{"acquire", "nil", "nil", 0}, {"lock", "nil", "nil", 1}}),
              "1: acquire by 1")
        << name;
    EXPECT_EQ(play(name, {{"acquire", "nil", "nil", 0},
                          {"release", "nil", "nil", 0},
                          {"acquire", "nil", "nil", 1}}),
              "legal")
        << name;
  }
}

TEST(Locks, only_the_holder_releases_a_lock_that_has_owners) {
  std::vector<Turn> turns{{"acquire", "nil", "nil", 0}, {"release", "nil", "nil", 1}};
  EXPECT_EQ(state_after("mutex", turns), "\"free\"");
  for (const char* name : owned) EXPECT_EQ(play(name, turns), "1: release by 1") << name;
  for (const char* name : owned) {
    EXPECT_EQ(play(name, {{"acquire", "\"a\"", "nil", 0}, {"release", "\"a\"", "nil", 1}}), "legal")
        << name;
  }
  for (const char* name : {"mutex", "owner-lock", "reentrant-mutex", "fenced-mutex"}) {
    EXPECT_NE(play(name, {{"release", "nil", "nil"}}), "legal") << name;
  }
}

TEST(Locks, the_holder_may_enter_a_reentrant_mutex_again) {
  std::vector<Turn> twice{{"acquire", "nil", "nil", 3}, {"acquire", "nil", "nil", 3}};
  EXPECT_EQ(play("owner-lock", twice), "1: acquire by 3");
  EXPECT_EQ(play("fenced-mutex", twice), "1: acquire by 3");
  EXPECT_EQ(state_after("reentrant-mutex", twice), R"({"depth" 2, "holder" 3})");
  EXPECT_EQ(play("reentrant-mutex", twice, {{"max-depth", "2"}}), "legal");
  EXPECT_EQ(play("reentrant-mutex", twice, {{"max-depth", "1"}}), "1: acquire by 3");
  twice.push_back({"release", "nil", "nil", 3});
  twice.push_back({"acquire", "nil", "nil", 4});
  EXPECT_EQ(play("reentrant-mutex", twice), "3: acquire by 4");
}

TEST(Locks, fencing_tokens_grow) {
  auto tokens = [](const char* first, const char* second) {
    return play("fenced-mutex", {{"acquire", "nil", first, 0},
                                 {"release", "nil", "nil", 0},
                                 {"acquire", "nil", second, 1}});
  };
  EXPECT_EQ(tokens("5", "6"), "legal");
  EXPECT_EQ(tokens("5", "5"), "2: acquire by 1 with token 5");
  EXPECT_EQ(tokens("5", "nil"), "legal");
  EXPECT_EQ(tokens("nil", "-5"), "legal");
  EXPECT_EQ(tokens("5", "\"six\""), "2: broken");
  EXPECT_EQ(play("fenced-mutex", {{"acquire", "nil", "5", 0},
                                  {"release", "nil", "nil", 0},
                                  {"acquire", "nil", "nil", 1},
                                  {"release", "nil", "nil", 1},
                                  {"acquire", "nil", "6", 2}}),
            "4: acquire by 2 with token 6");
}

TEST(Locks, an_acquire_that_answers_false_did_not_happen) {
  EXPECT_EQ(play("mutex", {{"acquire", "nil", "true"}, {"acquire", "nil", "false"}}), "legal");
  EXPECT_EQ(play("mutex", {{"try", "nil", "true"}}), "0: refused");
  EXPECT_EQ(play("owner-lock", {{"acquire", "1", "2"}}), "0: broken");
}

TEST(Locks, crashed_calls_without_a_completed_partner_are_left_out) {
  constexpr const char* text = R"(
    [{:process 0, :type :invoke, :f :acquire, :value nil}
     {:process 1, :type :invoke, :f :acquire, :value nil}
     {:process 2, :type :invoke, :f :acquire, :value nil}
     {:process 2, :type :ok, :f :acquire, :value nil}
     {:process 2, :type :invoke, :f :release, :value nil}
     {:process 0, :type :invoke, :f :release, :value 1}
     {:process 0, :type :ok, :f :release, :value 1}])";
  auto left = [&](const char* name) {
    auto datatype = make_datatype(name);
    auto decoded = decode(*datatype, text);
    datatype->prune(decoded.operations);
    std::vector<std::uint32_t> invoked;
    for (const Operation& operation : decoded.operations) invoked.push_back(operation.invoked);
    return invoked;
  };
  EXPECT_EQ(left("mutex"), (std::vector<std::uint32_t>{0, 2, 4, 5}));
  for (const char* name : owned) {
    EXPECT_EQ(left(name), (std::vector<std::uint32_t>{1, 2, 4, 5})) << name;
  }
}

}  // namespace
}  // namespace sunder
