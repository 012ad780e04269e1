// What each datatype makes of what was seen: the smallest wrong answers, and the right ones.

#include <gtest/gtest.h>

#include "tests/checker/support/histories.h"
#include "tests/checker/support/little_replicas.h"

namespace sunder {
namespace {

using namespace testing_support;
using Counts = std::map<std::string, int>;

Value seen(const Counts& counts) {
  Map map;
  for (const auto& [replica, count] : counts) map[replica] = count;
  return Value(std::move(map));
}
Value made(const char* replica, int counter, const Counts& counts) {
  return Map{{"dot", Value::pair(replica, counter)}, {"seen", seen(counts)}};
}
Value stamped(const char* replica, int counter, const Counts& counts, int time) {
  Value reply = made(replica, counter, counts);
  reply.map()["stamp"] = Value::pair(time, replica);
  return reply;
}
Value found(Value answer, const Counts& counts) {
  return Map{{"value", std::move(answer)}, {"seen", seen(counts)}};
}

std::string judged(const std::string& datatype, ScriptedHistory history, Value answer,
                   const Counts& counts) {
  history.call(9, "read", {}, found(std::move(answer), counts));
  Verdict verdict = verdict_of("eventual " + datatype, history.take(), {}, {});
  if (verdict.validity == Validity::valid) return "valid";
  return verdict.anomalies.empty() ? verdict.summary : verdict.anomalies.front().name;
}

// Two adds of 7 at different replicas, and a remove that saw only the first.
ScriptedHistory add_remove() {
  ScriptedHistory history;
  history.call(0, "add", 7, made("n1", 1, {}));
  history.call(1, "add", 7, made("n2", 1, {}));
  return history.call(0, "remove", 7, made("n1", 2, {{"n1", 1}}));
}

TEST(OrSet, AddWinsOverAConcurrentRemove) {
  const Counts all{{"n1", 2}, {"n2", 1}};
  EXPECT_EQ(judged("crdt-or-set", add_remove(), List{7}, all), "valid");
  EXPECT_EQ(judged("crdt-or-set", add_remove(), List{}, all), "lost-element");
}

TEST(OrSet, RemoveTakesWhatItSaw) {
  EXPECT_EQ(judged("crdt-or-set", add_remove(), List{}, {{"n1", 2}}), "valid");
  EXPECT_EQ(judged("crdt-or-set", add_remove(), List{7}, {{"n1", 2}}), "resurrected-element");
}

TEST(OrSet, HoldsWhatWasAddedOnce) {
  EXPECT_EQ(judged("crdt-or-set", add_remove(), List{7}, {{"n2", 1}}), "valid");
  EXPECT_EQ(judged("crdt-or-set", add_remove(), List{7, 7}, {{"n2", 1}}), "duplicate-element");
  EXPECT_EQ(judged("crdt-or-set", add_remove(), List{7, 8}, {{"n2", 1}}), "phantom-element");
  EXPECT_EQ(judged("crdt-or-set", add_remove(), List{7}, {}), "phantom-element");
  EXPECT_EQ(judged("crdt-or-set", add_remove(), {}, {}), "valid");
}

// Delivered without the add that it saw, a remove still takes it out when it comes.
TEST(OrSet, RemoveThatComesBeforeItsAddTakesIt) {
  ScriptedHistory history;
  history.call(0, "add", 7, made("n1", 1, {}));
  history.call(1, "remove", 7, made("n2", 1, {{"n1", 1}}));
  EXPECT_EQ(judged("crdt-or-set", history, List{}, {{"n2", 1}}), "valid");
  ScriptedHistory both;
  both.call(0, "add", 7, made("n1", 1, {}));
  both.call(1, "remove", 7, made("n2", 1, {{"n1", 1}}));
  EXPECT_EQ(judged("crdt-or-set", both, List{7}, {{"n1", 1}, {"n2", 1}}), "resurrected-element");
}

TEST(GSet, HoldsWhatWasSeen) {
  auto adds = [] {
    ScriptedHistory history;
    return history.call(0, "add", 1, made("n1", 1, {})).call(0, "add", 2, made("n1", 2, {}));
  };
  // The second add's witness is its own line only.
  EXPECT_EQ(judged("crdt-g-set", adds(), List{2, 1}, {{"n1", 2}}), "replica-rollback");
  ScriptedHistory history;
  history.call(0, "add", 1, made("n1", 1, {})).call(0, "add", 2, made("n1", 2, {{"n1", 1}}));
  EXPECT_EQ(judged("crdt-g-set", history, List{2, 1}, {{"n1", 2}}), "valid");
}

TEST(PnCounter, SumsUpWhatWasSeen) {
  auto updates = [] {
    ScriptedHistory history;
    history.call(0, "increment", 5, made("n1", 1, {}));
    history.call(1, "decrement", 3, made("n2", 1, {}));
    return history.call(1, "increment", {}, made("n2", 2, {{"n2", 1}}));
  };
  const Counts all{{"n1", 1}, {"n2", 2}};
  EXPECT_EQ(judged("crdt-pn-counter", updates(), 3, all), "valid");
  EXPECT_EQ(judged("crdt-pn-counter", updates(), 2, all), "wrong-sum");
  EXPECT_EQ(judged("crdt-pn-counter", updates(), -3, {{"n2", 1}}), "valid");
  EXPECT_EQ(judged("crdt-pn-counter", updates(), 0, {}), "valid");
}

// Two concurrent writes, and a third that saw the first.
ScriptedHistory writes() {
  ScriptedHistory history;
  history.call(0, "write", "a", made("n1", 1, {}));
  history.call(1, "write", "b", made("n2", 1, {}));
  return history.call(0, "write", "c", made("n1", 2, {{"n1", 1}}));
}

TEST(MvRegister, KeepsConcurrentWrites) {
  const Counts first{{"n1", 1}, {"n2", 1}};
  const Counts all{{"n1", 2}, {"n2", 1}};
  EXPECT_EQ(judged("crdt-mv-register", writes(), List{"b", "a"}, first), "valid");
  EXPECT_EQ(judged("crdt-mv-register", writes(), List{"b", "c"}, all), "valid");
  EXPECT_EQ(judged("crdt-mv-register", writes(), List{"a", "b", "c"}, all), "overwritten-value");
  EXPECT_EQ(judged("crdt-mv-register", writes(), List{"c"}, all), "lost-update");
  EXPECT_EQ(judged("crdt-mv-register", writes(), List{"b", "c", "d"}, all), "phantom-value");
  EXPECT_EQ(judged("crdt-mv-register", writes(), List{"c", "b", "b"}, all), "duplicate-value");
}

// Two clients at one replica that had read nothing, as dotted version vectors tell them apart.
ScriptedHistory blind_writes() {
  auto blind = [](int counter, const Counts& counts) {
    Value reply = made("n1", counter, counts);
    reply.map()["past"] = seen({});
    return reply;
  };
  ScriptedHistory history;
  history.call(0, "write", "a", blind(1, {}));
  return history.call(1, "write", "b", blind(2, {{"n1", 1}}));
}

TEST(MvRegister, ReplacesOnlyWhatAWriteSaysThatItReplaces) {
  EXPECT_EQ(judged("crdt-mv-register", blind_writes(), List{"a", "b"}, {{"n1", 2}}), "valid");
  EXPECT_EQ(judged("crdt-mv-register", blind_writes(), List{"b"}, {{"n1", 2}}), "lost-update");
  ScriptedHistory history = blind_writes();
  history.call(9, "read", {}, found(List{"a", "b"}, {{"n1", 2}}));
  Value reply = made("n1", 3, {{"n1", 2}});
  reply.map()["past"] = seen({{"n1", 1}});
  history.call(9, "write", "c", reply);
  EXPECT_EQ(judged("crdt-mv-register", history, List{"b", "c"}, {{"n1", 3}}), "forgotten-read");
}

// The second write came after the first, but its node's clock is behind.
ScriptedHistory skewed() {
  ScriptedHistory history;
  history.call(0, "write", "a", stamped("n1", 1, {}, 100));
  return history.call(1, "write", "b", stamped("n2", 1, {{"n1", 1}}, 90));
}

TEST(LwwRegister, LosesALaterWriteToAClockThatIsAhead) {
  const Counts all{{"n1", 1}, {"n2", 1}};
  EXPECT_EQ(judged("crdt-lww-register", skewed(), "a", all), "valid");
  EXPECT_EQ(judged("crdt-lww-register", skewed(), "b", all), "wrong-arbitration");
  EXPECT_EQ(judged("crdt-lww-register", skewed(), {}, all), "lost-update");
  EXPECT_EQ(judged("crdt-lww-register", skewed(), "z", all), "phantom-value");
  EXPECT_EQ(judged("crdt-lww-register", skewed(), "b", {{"n2", 1}}), "valid");
  ScriptedHistory history = skewed();
  history.call(9, "read", {}, found("a", all));
  Verdict verdict =
      verdict_of("eventual crdt-lww-register", history.take(), {{"arbitration", "causal"}}, {});
  ASSERT_EQ(verdict.validity, Validity::invalid) << verdict.summary;
  EXPECT_EQ(verdict.anomalies.front().name, "arbitration-against-visibility");
}

TEST(LwwRegister, BreaksTiesByNode) {
  auto tie = [](const char* other) {
    ScriptedHistory history;
    history.call(0, "write", "a", stamped("n1", 1, {}, 100));
    Value reply = made("n2", 1, {});
    reply.map()["stamp"] = Value::pair(100, other);
    return history.call(1, "write", "b", std::move(reply));
  };
  const Counts all{{"n1", 1}, {"n2", 1}};
  EXPECT_EQ(judged("crdt-lww-register", tie("n2"), "b", all), "valid");
  EXPECT_EQ(judged("crdt-lww-register", tie("n2"), "a", all), "wrong-arbitration");
  EXPECT_EQ(judged("crdt-lww-register", tie("n1"), "a", all), "duplicate-stamp");
}

TEST(LwwRegister, NeedsStampsWhereThereAreDots) {
  ScriptedHistory history;
  history.call(0, "write", "a", made("n1", 1, {}));
  EXPECT_NE(judged("crdt-lww-register", history, "a", {{"n1", 1}}).find("Op 1"), std::string::npos);
}

// One reply of a long right history is changed; the right rule must see it.
struct Change {
  LittleKind kind;
  const char* name;
  void (*change)(Value& answer);
};

void drop(Value& answer) { answer.list().pop_back(); }
void add_phantom(Value& answer) { answer.list().emplace_back(999); }
void repeat(Value& answer) { answer.list().push_back(Value(answer.list().front())); }
void miscount(Value& answer) { answer = answer.integer() + 1; }
void nothing(Value& answer) { answer = {}; }
void phantom(Value& answer) { answer = 999; }

TEST(Specifications, RefuteAChangedAnswer) {
  const Change changes[] = {
      {LittleKind::lww_register, "lost-update", nothing},
      {LittleKind::lww_register, "phantom-value", phantom},
      {LittleKind::mv_register, "lost-update", drop},
      {LittleKind::mv_register, "phantom-value", add_phantom},
      {LittleKind::mv_register, "duplicate-value", repeat},
      {LittleKind::g_counter, "wrong-sum", miscount},
      {LittleKind::pn_counter, "wrong-sum", miscount},
      {LittleKind::g_set, "lost-element", drop},
      {LittleKind::g_set, "phantom-element", add_phantom},
      {LittleKind::or_set, "lost-element", drop},
      {LittleKind::or_set, "phantom-element", add_phantom},
      {LittleKind::or_set, "duplicate-element", repeat},
      {LittleKind::list, "lost-element", drop},
      {LittleKind::list, "phantom-element", add_phantom},
      {LittleKind::list, "duplicate-element", repeat},
  };
  for (const Change& one : changes) {
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      std::vector<Op> ops = little_history(seed, {.kind = one.kind, .operations = 300});
      std::vector<std::size_t> reads;
      for (std::size_t i = 0; i < ops.size(); ++i) {
        const Value* answer = ops[i].value.find("value");
        bool full = answer != nullptr && !answer->is_nil() &&
                    (!answer->is_list() || !answer->list().empty());
        if (ops[i].phase == Phase::ok && ops[i].verb == "read" && full) reads.push_back(i);
      }
      ASSERT_FALSE(reads.empty());
      std::size_t at = reads[reads.size() / 2];
      one.change(ops[at].value.map()["value"]);
      Verdict verdict = verdict_of("eventual " + datatype_of(one.kind), built(ops), {}, {});
      ASSERT_EQ(verdict.validity, Validity::invalid) << datatype_of(one.kind) << " " << one.name;
      const Anomaly& anomaly = verdict.anomalies.front();
      EXPECT_EQ(anomaly.name, one.name) << verdict.summary;
      EXPECT_TRUE(std::binary_search(anomaly.ops.begin(), anomaly.ops.end(), at));
    }
  }
}

// A stale witness is seen by the session, by the answer, or by both.
TEST(Specifications, RefuteAStaleWitness) {
  for (LittleKind kind : little_kinds) {
    int refuted = 0;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      std::vector<Op> ops = little_history(seed, {.kind = kind, .operations = 200});
      for (std::size_t i = ops.size() / 2; i < ops.size(); ++i) {
        bool read = ops[i].phase == Phase::ok && ops[i].verb == "read";
        if (!read) continue;
        ops[i].value.map()["seen"] = Map{};
        break;
      }
      Verdict verdict = verdict_of("eventual " + datatype_of(kind), built(ops), {}, {});
      refuted += verdict.validity == Validity::invalid ? 1 : 0;
    }
    EXPECT_EQ(refuted, 10) << datatype_of(kind);
  }
}

}  // namespace
}  // namespace sunder
