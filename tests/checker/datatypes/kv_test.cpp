// The key-value store, alone and with all keys in one object.

#include <gtest/gtest.h>

#include "checker/linearizable/keyed_model.h"
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

TEST(Kv, append_adds_to_what_put_left) {
  EXPECT_EQ(
      state_after(
          "kv", {{"put", "\"a\"", "nil"}, {"append", "\"b\"", "\"b\""}, {"get", "nil", "\"ab\""}}),
      "\"ab\"");
  EXPECT_EQ(play("kv", {{"put", "\"a\"", "nil"},
                        {"append", "\"b\"", "nil"},
                        {"get", "nil", "\"ab\""},
                        {"get", "nil", "\"a\""}}),
            "3: get \"a\"");
}

TEST(Kv, what_is_absent_reads_as_an_empty_text) {
  EXPECT_EQ(play("kv", {{"get", "nil", "\"\""}, {"get", "nil", "nil"}}), "legal");
  EXPECT_EQ(play("kv", {{"put", "\"a\"", "nil"}, {"get", "nil", "nil"}}), "1: get \"\"");
}

TEST(Kv, texts_are_told_apart_while_some_answer_begins_with_them) {
  std::vector<Turn> turns{{"append", "\"b\"", "nil"}};
  EXPECT_EQ(state_after("kv", turns), "{\"never-read\" true}");
  turns.push_back({"append", "\"a\"", "nil"});
  EXPECT_EQ(state_after("kv", turns), "{\"never-read\" true}");
  turns.push_back({"put", "\"a\"", "nil"});
  turns.push_back({"get", "nil", "\"a\""});
  EXPECT_EQ(state_after("kv", turns), "\"a\"");
  turns.push_back({"get", "nil", "\"ba\""});
  EXPECT_EQ(play("kv", turns), "4: get \"ba\"");
  turns.back().answer = "\"ab\"";
  EXPECT_EQ(play("kv", turns), "4: get \"ab\"");
}

TEST(Kv, what_is_no_operation_is_refused) {
  EXPECT_EQ(play("kv", {{"cas", "[1 2]", "nil"}}), "0: refused");
  EXPECT_EQ(play("kv", {{"put", "[1 2]", "nil"}}), "0: refused");
  EXPECT_EQ(play("kv", {{"put", "\"a\"", "\"b\""}}), "0: broken");
}

TEST(Kv, crashed_texts_that_no_get_holds_are_left_out) {
  auto datatype = make_datatype("kv");
  auto decoded = decode(*datatype, R"(
    [{:process 0, :type :invoke, :f :append, :value "a"}
     {:process 1, :type :invoke, :f :put, :value "b"}
     {:process 2, :type :invoke, :f :get, :value nil}
     {:process 2, :type :ok, :f :get, :value "xax"}])");
  datatype->prune(decoded.operations);
  ASSERT_EQ(decoded.operations.size(), 2u);
  EXPECT_EQ(datatype->describe(decoded.operations[0].call, true), "append \"a\"");
}

TEST(KeyedModel, each_key_is_an_object_of_its_own) {
  auto datatype = make_datatype("register");
  ValueTable keys;
  std::int32_t x = keys.intern(Value("x"));
  std::int32_t y = keys.intern(Value("y"));
  std::int32_t one = datatype->values().intern(Value(1));
  auto model = keyed_model(datatype->model(), keys);
  StateId both = model->step(model->initial(), {register_verb::write, x, one, 0});
  both = model->step(both, {register_verb::write, y, one, 0});
  StateId other = model->step(model->initial(), {register_verb::write, y, one, 0});
  other = model->step(other, {register_verb::write, x, one, 0});
  EXPECT_EQ(both, other);
  EXPECT_EQ(model->step(both, {register_verb::read, x, 0, one}), both);
  EXPECT_EQ(model->step(both, {register_verb::read, x, 0, 0}), impossible);
  EXPECT_EQ(to_json(model->describe(both)), R"({"x":1,"y":1})");
}

}  // namespace
}  // namespace sunder
