// Letters, names and the table of Maelstrom's requests.

#include <gtest/gtest.h>

#include "harness/core/json.h"
#include "harness/real/stdio/roster.h"
#include "harness/real/stdio/speech.h"

namespace sunder::stdio {
namespace {

Value json(std::string_view text) { return *parse_json(text); }

System speaker_of(std::map<std::string, std::vector<std::string>> verbs) {
  System system;
  system.name = "speaker";
  system.verbs = std::move(verbs);
  return system;
}

/// What a request becomes, as text: "write [3 7]"; or its error.
std::string asked(std::string_view workload, std::string_view datatype, std::string_view body) {
  System system = speaker_of({{std::string(datatype), {}}});
  Result<Spoken> spoken = choose_speech(system, workload);
  if (!spoken) return spoken.error().context;
  Value parsed = json(body);
  const Request* request = spoken->speech->find(parsed.find("type")->text());
  if (request == nullptr) return "no such request";
  Result<Draft> draft = request->ask(spoken->datatype, parsed);
  if (!draft) {
    bool refused = draft.error().code == Error::Code::refused;
    return (refused ? "refused: " : "malformed: ") + draft.error().context;
  }
  return draft->verb + " " + to_json(draft->value);
}

/// The reply to a request whose op was ok.
std::string replied(std::string_view workload, std::string_view datatype, std::string_view type,
                    std::string_view answer, std::string_view body = "{}") {
  System system = speaker_of({{std::string(datatype), {}}});
  const Request* request = choose_speech(system, workload)->speech->find(type);
  return to_json(Value(request->reply(json(body), json(answer))));
}

TEST(Letters, AreReadAndWritten) {
  std::string line = R"({"src":"c1","dest":"n\"1","body":{"key":3,"msg_id":7,"type":"read"}})";
  Result<Letter> letter = parse_letter(line);
  ASSERT_TRUE(letter) << letter.error().context;
  EXPECT_EQ(letter->source, "c1");
  EXPECT_EQ(letter->target, "n\"1");
  EXPECT_EQ(letter->type(), "read");
  EXPECT_EQ(letter->id(), 7);
  EXPECT_FALSE(letter->answers_something());
  EXPECT_EQ(letter_text(letter->source, letter->target, letter->body), line);
}

TEST(Letters, ThatAreNoneAreErrors) {
  for (std::string_view line :
       {"", "nonsense", "3", "[]", "{}", R"({"src":"c1","dest":"n1"})",
        R"({"src":1,"dest":"n1","body":{}})", R"({"src":"c1","body":{}})",
        R"({"src":"c1","dest":"n1","body":[]})", R"({"src":"c1","dest":"n1","body":{})"}) {
    EXPECT_FALSE(parse_letter(line)) << line;
  }
}

TEST(Letters, WithOddBodiesHaveNoTypeAndNoId) {
  Result<Letter> letter = parse_letter(R"({"src":"","dest":"","body":{"type":3,"msg_id":"x"}})");
  ASSERT_TRUE(letter);
  EXPECT_EQ(letter->type(), "");
  EXPECT_FALSE(letter->id());
}

TEST(Rosters, AgreeOnAnOrderWhateverTheList) {
  Result<Roster> roster = Roster::of("n2", {"n10", "n2", "n1"});
  ASSERT_TRUE(roster);
  EXPECT_EQ(roster->self(), NodeId::node(1));
  EXPECT_EQ(roster->name(NodeId::node(0)), "n1");
  EXPECT_EQ(roster->name(NodeId::node(2)), "n10");
  EXPECT_EQ(roster->node("n10"), NodeId::node(2));
  EXPECT_FALSE(roster->node("n3"));
  EXPECT_FALSE(roster->has(NodeId::node(3)));
  EXPECT_FALSE(roster->has(NodeId::client(0)));
}

TEST(Rosters, RefuseNamesThatAreNotTheirsOrTwice) {
  EXPECT_FALSE(Roster::of("n4", {"n1", "n2"}));
  EXPECT_FALSE(Roster::of("n1", {}));
  EXPECT_FALSE(Roster::of("n1", {"n1", "n2", "n1"}));
  EXPECT_FALSE(Roster::of("n1", std::vector<std::string>(17, "n1")));
}

TEST(Rosters, LendEachClientToOneNode) {
  std::set<NodeId> lent;
  for (const char* self : {"n1", "n2", "n3"}) {
    Roster roster = *Roster::of(self, {"n1", "n2", "n3"});
    for (std::int32_t turn : {0, 1, 2, Roster::turns_max - 1}) {
      NodeId client = roster.client(turn);
      EXPECT_TRUE(lent.insert(client).second);
      EXPECT_EQ(roster.owner(client), roster.self());
    }
  }
}

TEST(Keys, OfAnyShapeHaveNumbers) {
  EXPECT_EQ(key_number(Value(-3)), -3);
  std::set<std::int64_t> numbers;
  for (std::string_view key : {R"("x")", R"("y")", R"("1")", "true", "null", "[1]", R"({"a":1})"}) {
    std::int64_t number = key_number(json(key));
    EXPECT_GE(number, std::int64_t{1} << 62) << key;
    EXPECT_TRUE(numbers.insert(number).second) << key;
    EXPECT_EQ(key_number(json(key)), number);
  }
}

TEST(Speech, OfASystemIsTheFirstThatItKnowsOrTheOneNamed) {
  System both = speaker_of({{"register", {}}, {"cas-register", {}}, {"counter", {}}});
  EXPECT_EQ(choose_speech(both, "")->speech->workload, "lin-kv");
  EXPECT_EQ(choose_speech(both, "")->datatype, "cas-register");
  EXPECT_EQ(choose_speech(both, "pn-counter")->datatype, "counter");
  Result<Spoken> unknown = choose_speech(both, "kafka");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().context.find("lin-kv, g-counter, pn-counter"), std::string::npos)
      << unknown.error().context;
  EXPECT_FALSE(choose_speech(speaker_of({{"fenced-mutex", {}}}), ""));
}

TEST(Speech, OfRegisters) {
  EXPECT_EQ(asked("lin-kv", "register", R"({"type":"read","key":3})"), "read [3,null]");
  EXPECT_EQ(asked("lin-kv", "register", R"({"type":"write","key":3,"value":7})"), "write [3,7]");
  EXPECT_EQ(asked("lin-kv", "cas-register", R"({"type":"cas","key":3,"from":1,"to":2})"),
            "cas [3,[1,2]]");
  EXPECT_EQ(asked("lin-kv", "register", R"({"type":"cas","key":3,"from":1,"to":2})"),
            "refused: this system has no compare-and-set");
  EXPECT_EQ(asked("lin-kv", "register", R"({"type":"read"})"),
            "malformed: the request has no 'key'");
  EXPECT_EQ(asked("lin-kv", "register", R"({"type":"write","key":3})"),
            "malformed: the request has no 'value'");
  EXPECT_TRUE(asked("lin-kv", "register", R"({"type":"write","key":3,"value":"x"})")
                  .starts_with("refused: 'value' is \"x\""));
  EXPECT_EQ(replied("lin-kv", "register", "read", "[3,7]"), R"({"type":"read_ok","value":7})");
  EXPECT_EQ(replied("lin-kv", "register", "read", "[3,null]"),
            R"({"code":20,"text":"no such key","type":"error"})");
  EXPECT_EQ(replied("lin-kv", "register", "write", "[3,7]"), R"({"type":"write_ok"})");
}

TEST(Speech, OfSets) {
  EXPECT_EQ(asked("g-set", "g-set", R"({"type":"add","element":3})"), "add [0,3]");
  EXPECT_EQ(asked("g-set", "g-set", R"({"type":"read"})"), "read [0,null]");
  EXPECT_EQ(replied("g-set", "g-set", "read", "[0,[1,2]]"), R"({"type":"read_ok","value":[1,2]})");
  EXPECT_EQ(replied("g-set", "crdt-g-set", "read", R"([0,{"value":[1],"seen":{"n1":1}}])"),
            R"({"type":"read_ok","value":[1]})");
  EXPECT_EQ(asked("broadcast", "g-set", R"({"type":"broadcast","message":3})"), "add [0,3]");
  EXPECT_EQ(replied("broadcast", "g-set", "read", "[0,[1,2]]"),
            R"({"messages":[1,2],"type":"read_ok"})");
}

TEST(Speech, OfCounters) {
  EXPECT_EQ(asked("pn-counter", "counter", R"({"type":"add","delta":-3})"), "add [0,-3]");
  EXPECT_EQ(asked("pn-counter", "crdt-pn-counter", R"({"type":"add","delta":-3})"),
            "decrement [0,3]");
  EXPECT_EQ(asked("pn-counter", "crdt-pn-counter", R"({"type":"add","delta":3})"),
            "increment [0,3]");
  EXPECT_EQ(asked("pn-counter", "crdt-pn-counter",
                  R"({"type":"add","delta":-9223372036854775808})"),
            "refused: 'delta' is too small");
  EXPECT_EQ(asked("g-counter", "counter", R"({"type":"add","delta":-3})"),
            "malformed: 'delta' is negative");
  EXPECT_EQ(asked("g-counter", "crdt-g-counter", R"({"type":"add","delta":0})"),
            "increment [0,0]");
  EXPECT_EQ(replied("g-counter", "counter", "read", "[0,9]"), R"({"type":"read_ok","value":9})");
}

TEST(Speech, OfIds) {
  EXPECT_EQ(asked("unique-ids", "unique-ids", R"({"type":"generate"})"), "generate null");
  EXPECT_EQ(replied("unique-ids", "unique-ids", "generate", "12"),
            R"({"id":12,"type":"generate_ok"})");
}

TEST(Speech, OfTransactions) {
  std::string_view body = R"({"type":"txn","txn":[["r","x",null],["append",1,6],["r",1,null]]})";
  std::string x = std::to_string(key_number(Value("x")));
  EXPECT_EQ(asked("txn-list-append", "list-append", body),
            R"(txn [[":r",)" + x + R"(,null],[":append",1,6],[":r",1,null]])");
  EXPECT_EQ(replied("txn-list-append", "list-append", "txn",
                    R"([[":r",9,null],[":append",1,6],[":r",1,[6]]])", body),
            R"({"txn":[["r","x",null],["append",1,6],["r",1,[6]]],"type":"txn_ok"})");
  EXPECT_EQ(asked("txn-rw-register", "rw-register", R"({"type":"txn","txn":[["w",1,6]]})"),
            R"(txn [[":w",1,6]])");
  EXPECT_EQ(asked("txn-rw-register", "rw-register", R"({"type":"txn","txn":[["append",1,6]]})"),
            "refused: this node's transactions know r and w, not \"append\"");
  for (const char* odd : {R"("x")", R"([1])", R"([["r",1]])", R"([["r",1,null,2]])"}) {
    EXPECT_TRUE(asked("txn-rw-register", "rw-register",
                      R"({"type":"txn","txn":)" + std::string(odd) + "}")
                    .starts_with("malformed"))
        << odd;
  }
  EXPECT_EQ(asked("txn-rw-register", "rw-register", R"({"type":"txn"})"),
            "malformed: the request has no 'txn'");
}

TEST(Failures, AreDefiniteOnlyWhereTheClientWasSure) {
  auto code = [](const Outcome& outcome, bool timed_out) {
    return reply_to_failure(outcome, timed_out).find(std::string_view("code"))->integer();
  };
  EXPECT_EQ(code(Outcome::fail("compare failed"), false), 22);
  EXPECT_EQ(code(Outcome::fail("refused by a server that cannot serve it"), false), 11);
  EXPECT_EQ(code(Outcome::fail("aborted"), false), 14);
  EXPECT_EQ(code(Outcome::info("compare failed"), false), 13);
  EXPECT_EQ(code(Outcome::info("no answer within 5s"), true), 0);
}

}  // namespace
}  // namespace sunder::stdio
