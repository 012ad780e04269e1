// What replies say they saw: the smallest bad witness of each kind, and the good one beside it.

#include <gtest/gtest.h>

#include "tests/checker/support/histories.h"

namespace sunder {
namespace {

using namespace testing_support;
using Counts = std::map<std::string, int>;

Value seen(const Counts& counts) {
  Map map;
  for (const auto& [replica, count] : counts) map[replica] = count;
  return Value(std::move(map));
}
/// The reply of an update.
Value made(const char* replica, int counter, const Counts& counts) {
  return Map{{"dot", Value::pair(replica, counter)}, {"seen", seen(counts)}};
}
/// The reply of a read.
Value found(Value answer, const Counts& counts) {
  return Map{{"value", std::move(answer)}, {"seen", seen(counts)}};
}
Value found_at(const char* replica, Value answer, const Counts& counts) {
  Value reply = found(std::move(answer), counts);
  reply.map()["replica"] = replica;
  return reply;
}
Value tagged(Value value, const char* tag) {
  return Map{{"value", std::move(value)}, {"tag", tag}};
}
Value log_of(const char* replica, int counter, const char* tag, const Counts& counts) {
  Map entry{{"dot", Value::pair(replica, counter)}, {"tag", tag}, {"seen", seen(counts)}};
  return Map{{"log", List{Value(entry)}}, {"seen", seen({})}};
}

Verdict counter(ScriptedHistory& history, const std::map<std::string, std::string>& options = {}) {
  return verdict_of("eventual crdt-g-counter", history.take(), options, {});
}

void expect_invalid(const Verdict& verdict, const std::string& name,
                    const std::vector<std::uint64_t>& ops) {
  ASSERT_EQ(verdict.validity, Validity::invalid) << verdict.summary;
  EXPECT_EQ(verdict.anomalies.front().name, name) << verdict.summary;
  EXPECT_EQ(verdict.anomalies.front().ops, ops) << verdict.summary;
}
void expect_valid(const Verdict& verdict) {
  EXPECT_EQ(verdict.validity, Validity::valid) << verdict.summary;
}

TEST(Witness, OfAReadHasItsOwnEarlierUpdates) {
  auto played = [](Value reply) {
    ScriptedHistory history;
    history.call(0, "increment", 2, made("n1", 1, {}));
    return history.call(0, "read", {}, std::move(reply));
  };
  ScriptedHistory good = played(found(2, {{"n1", 1}}));
  expect_valid(counter(good));
  ScriptedHistory bad = played(found(0, {}));
  expect_invalid(counter(bad), "read-your-writes", {0, 1, 2, 3});
  ScriptedHistory elsewhere = played(found(0, {}));
  expect_valid(counter(elsewhere, {{"sessions", "false"}}));
}

TEST(Witness, OfASessionGrows) {
  auto played = [](Value reply) {
    ScriptedHistory history;
    history.call(0, "increment", 2, made("n1", 1, {}));
    history.call(1, "read", {}, found(2, {{"n1", 1}}));
    return history.call(1, "read", {}, std::move(reply));
  };
  ScriptedHistory good = played(found(2, {{"n1", 1}}));
  expect_valid(counter(good));
  ScriptedHistory bad = played(found(0, {}));
  expect_invalid(counter(bad), "monotonic-reads", {2, 3, 4, 5});
}

TEST(Witness, OfAReplicaGrowsInTime) {
  auto played = [](Value reply) {
    ScriptedHistory history;
    history.call(0, "increment", 2, made("n1", 1, {}));
    history.call(1, "read", {}, found_at("n2", 2, {{"n1", 1}}));
    return history.call(2, "read", {}, std::move(reply));
  };
  ScriptedHistory good = played(found_at("n3", 0, {}));
  expect_valid(counter(good));
  ScriptedHistory bad = played(found_at("n2", 0, {}));
  expect_invalid(counter(bad), "replica-rollback", {2, 3, 4, 5});
}

TEST(Witness, OfAReplicasUpdatesHasTheEarlierOnes) {
  auto played = [](int said) {
    ScriptedHistory history;
    history.call(0, "increment", 1, made("n1", 1, {}));
    history.call(1, "increment", 1, made("n1", 2, {{"n1", said}}));
    return history.call(2, "read", {}, found(2, {{"n1", 2}}));
  };
  ScriptedHistory without_itself = played(1);
  expect_valid(counter(without_itself));
  ScriptedHistory with_itself = played(2);
  expect_valid(counter(with_itself));
  ScriptedHistory behind = played(0);
  expect_invalid(counter(behind), "replica-rollback", {2, 3});
  ScriptedHistory ahead = played(3);
  expect_invalid(counter(ahead), "future-update", {2, 3});
}

TEST(Witness, CannotBeOfTheFuture) {
  ScriptedHistory good;
  good.invoke(0, "increment", 1).call(1, "read", {}, found(1, {{"n1", 1}}));
  good.ok(0, "increment", made("n1", 1, {}));
  expect_valid(counter(good));
  ScriptedHistory bad;
  bad.call(1, "read", {}, found(1, {{"n1", 1}})).call(0, "increment", 1, made("n1", 1, {}));
  expect_invalid(counter(bad), "future-update", {0, 1, 2, 3});
}

TEST(Witness, OfTwoUpdatesCannotHaveEachOther) {
  auto played = [](const Counts& first, const Counts& second) {
    ScriptedHistory history;
    history.invoke(0, "increment", 1).invoke(1, "increment", 1);
    history.ok(0, "increment", made("n1", 1, first)).ok(1, "increment", made("n2", 1, second));
    return history.call(2, "read", {}, found(2, {{"n1", 1}, {"n2", 1}}));
  };
  ScriptedHistory good = played({}, {{"n1", 1}});
  expect_valid(counter(good));
  ScriptedHistory bad = played({{"n2", 1}}, {{"n1", 1}});
  expect_invalid(counter(bad), "cyclic-visibility", {0, 1, 2, 3});
}

TEST(Witness, NamesEveryUpdateOnce) {
  ScriptedHistory bad;
  bad.call(0, "increment", 1, made("n1", 1, {})).call(1, "increment", 1, made("n1", 1, {}));
  bad.call(2, "read", {}, found(1, {{"n1", 1}}));
  expect_invalid(counter(bad), "duplicate-dot", {0, 1, 2, 3});
}

TEST(Witness, HasNoUpdateThatNobodyAskedFor) {
  ScriptedHistory gap;
  gap.call(0, "increment", 1, made("n1", 2, {})).call(1, "read", {}, found(1, {{"n1", 2}}));
  EXPECT_EQ(counter(gap).anomalies.front().name, "phantom-update");
  ScriptedHistory many;
  many.call(0, "increment", 1, made("n1", 1, {}));
  many.call(1, "read", {}, found(1, {{"n1", 2'000'000'000}}));
  expect_invalid(counter(many), "phantom-update", {2, 3});
  ScriptedHistory failed;
  failed.invoke(0, "increment", 1).fail(0, "increment", 1, "refused");
  failed.call(1, "read", {}, found(1, {{"n1", 1}}));
  expect_invalid(counter(failed), "phantom-update", {2, 3});
}

TEST(Witness, IsClosedUnderCausalityWhereThatIsClaimed) {
  auto played = [](Value reply) {
    ScriptedHistory history;
    history.call(0, "increment", 1, made("n1", 1, {}));
    history.call(1, "increment", 2, made("n2", 1, {{"n1", 1}}));
    return history.call(2, "read", {}, std::move(reply));
  };
  ScriptedHistory good = played(found(3, {{"n1", 1}, {"n2", 1}}));
  expect_valid(counter(good, {{"causal", "true"}}));
  ScriptedHistory bad = played(found(2, {{"n2", 1}}));
  expect_invalid(counter(bad, {{"causal", "true"}}), "causality", {2, 3, 4, 5});
  ScriptedHistory unclaimed = played(found(2, {{"n2", 1}}));
  expect_valid(counter(unclaimed));
}

TEST(Witness, OfAFinalReadHasEveryAcknowledgedUpdate) {
  auto played = [](const char* verb) {
    ScriptedHistory history;
    history.call(0, "increment", 1, made("n1", 1, {}));
    return history.call(1, verb, {}, found(0, {}));
  };
  ScriptedHistory early = played("read");
  expect_valid(counter(early));
  ScriptedHistory last = played("final-read");
  expect_invalid(counter(last), "not-converged", {0, 1, 2, 3});
  ScriptedHistory none = played("read");
  EXPECT_EQ(counter(none, {{"finale", "true"}}).validity, Validity::unknown);
}

TEST(Witness, OfALostUpdateIsInTheLog) {
  auto played = [](const char* tag, int answer) {
    ScriptedHistory history;
    history.invoke(0, "increment", tagged(2, "a")).info(0, "increment", tagged(2, "a"));
    history.invoke(1, "increment", tagged(5, "b")).info(1, "increment", tagged(5, "b"));
    history.call(2, "read", {}, found(answer, {{"n1", 1}}));
    return history.call(2, "log", {}, log_of("n1", 1, tag, {}));
  };
  ScriptedHistory good = played("a", 2);
  expect_valid(counter(good));
  ScriptedHistory wrong = played("a", 5);
  EXPECT_EQ(counter(wrong).anomalies.front().name, "wrong-sum");
  ScriptedHistory other = played("b", 5);
  expect_valid(counter(other));
  ScriptedHistory nobody = played("c", 5);
  EXPECT_EQ(counter(nobody).anomalies.front().name, "phantom-update");
}

TEST(Witness, InALogThatNamesAFailedUpdateIsBad) {
  ScriptedHistory bad;
  bad.invoke(0, "increment", tagged(2, "a")).fail(0, "increment", tagged(2, "a"), "refused");
  bad.call(2, "log", {}, log_of("n1", 1, "a", {}));
  expect_invalid(counter(bad), "failed-update", {2, 3});
}

TEST(Witness, InALogAgreesWithTheReply) {
  auto played = [](int logged) {
    ScriptedHistory history;
    history.call(0, "increment", tagged(1, "a"), made("n1", 1, {}));
    history.call(0, "increment", tagged(2, "b"), made("n1", 2, {{"n1", 1}}));
    history.call(2, "read", {}, found(3, {{"n1", 2}}));
    return history.call(2, "log", {}, log_of("n1", logged, "a", {}));
  };
  ScriptedHistory good = played(1);
  expect_valid(counter(good));
  ScriptedHistory bad = played(2);
  expect_invalid(counter(bad), "inconsistent-witness", {0, 1, 6, 7});
}

// Without a log: whichever of the lost increments was seen, the answer must be possible.
TEST(Witness, OfALostUpdateIsGuessedWithoutALog) {
  auto played = [](int first, int second) {
    ScriptedHistory history;
    history.invoke(0, "increment", 2).info(0, "increment", 2);
    history.invoke(1, "increment", 5).info(1, "increment", 5);
    history.call(2, "read", {}, found(first, {{"n1", 1}}));
    return history.call(3, "read", {}, found(second, {{"n1", 1}}));
  };
  ScriptedHistory good = played(5, 5);
  expect_valid(counter(good));
  ScriptedHistory never = played(7, 7);
  expect_invalid(counter(never), "unexplainable-answer", {4, 5, 6, 7});
  ScriptedHistory not_both = played(2, 5);
  expect_invalid(counter(not_both), "unexplainable-answer", {4, 5, 6, 7});
}

// Of two lost updates of one replica, the later one saw what the session of the earlier had.
TEST(Witness, OfALostUpdateHasThatOfTheOneBeforeIt) {
  ScriptedHistory history;
  history.call(1, "increment", 2, made("n2", 1, {}));
  history.call(0, "read", {}, found(2, {{"n2", 1}}));
  history.invoke(0, "increment", 5).info(0, "increment", 5);
  history.invoke(2, "increment", 7).info(2, "increment", 7);
  history.call(3, "read", {}, found(7, {{"n1", 1}, {"n2", 1}}));
  history.call(3, "read", {}, found(14, {{"n1", 2}, {"n2", 1}}));
  expect_valid(counter(history));
}

TEST(Witness, IsOfEachKeyByItself) {
  auto keyed = [](Value value) { return Value::pair("x", std::move(value)); };
  ScriptedHistory history;
  history.call(0, "increment", keyed(1), keyed(made("n1", 1, {})));
  history.call(0, "read", Value::pair("y", {}), Value::pair("y", found(0, {})));
  history.call(0, "read", keyed({}), keyed(found(2, {{"n1", 1}})));
  Verdict verdict =
      verdict_of("eventual crdt-g-counter", history.take(), {}, CheckContext{.keyed = true});
  expect_invalid(verdict, "wrong-sum", {0, 1, 4, 5});
  EXPECT_NE(verdict.summary.find("On key \"x\": process 0"), std::string::npos) << verdict.summary;
}

void expect_unknown(ScriptedHistory& history, const std::string& why) {
  Verdict verdict = counter(history);
  EXPECT_EQ(verdict.validity, Validity::unknown) << verdict.summary;
  EXPECT_NE(verdict.summary.find(why), std::string::npos) << verdict.summary;
}

TEST(Witness, ThatCannotBeReadIsNamed) {
  ScriptedHistory mixed;
  mixed.call(0, "increment", 1, made("n1", 1, {})).call(1, "read", {}, 1);
  expect_unknown(mixed, "Op 3");
  ScriptedHistory no_dot;
  no_dot.call(0, "increment", 1, Map{{"seen", seen({})}});
  expect_unknown(no_dot, "Op 1");
  ScriptedHistory negative;
  negative.call(0, "increment", -1, made("n1", 1, {}));
  expect_unknown(negative, "Op 0");
  ScriptedHistory verb;
  verb.call(0, "multiply", 2, {});
  expect_unknown(verb, "Op 0");
  ScriptedHistory count;
  count.call(0, "read", {}, found(0, {{"n1", -1}}));
  expect_unknown(count, "Op 1");
  ScriptedHistory twice;
  twice.invoke(0, "increment", tagged(1, "a")).info(0, "increment", tagged(1, "a"));
  twice.invoke(1, "increment", tagged(1, "a")).info(1, "increment", tagged(1, "a"));
  twice.call(2, "read", {}, found(0, {}));
  expect_unknown(twice, "same tag");
  ScriptedHistory nothing;
  nothing.call(0, "increment", 1, made("n1", 1, {}));
  expect_unknown(nothing, "nothing was read");
}

}  // namespace
}  // namespace sunder
