// Three nodes as Maelstrom would run them: what clients ask, faults of the network, kills.

#include <gtest/gtest.h>

#include "tests/cli/support/command.h"
#include "tests/stdio/support/maelstrom.h"

namespace sunder::stdio {
namespace {

std::vector<std::string> node_of(const std::string& system,
                                 const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"--system", system, "--stdio"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

Map read_of(Value key) { return request("read", {{"key", std::move(key)}}); }
Map write_of(Value key, int value) {
  return request("write", {{"key", std::move(key)}, {"value", value}});
}
Map cas_of(Value key, int from, int to) {
  return request("cas", {{"key", std::move(key)}, {"from", from}, {"to", to}});
}

#define EXPECT_TYPE(body, type)                           \
  do {                                                    \
    Value got = (body);                                   \
    EXPECT_EQ(type_of(got), (type)) << to_json(got);      \
  } while (false)
#define EXPECT_CODE(body, code)                           \
  do {                                                    \
    Value got = (body);                                   \
    EXPECT_EQ(code_of(got), (code)) << to_json(got);      \
  } while (false)

TEST(Raft, SpeaksLinKvFromEveryNode) {
  Maelstrom net(node_of("raft"), 3);
  for (const Value& key : {Value(3), Value("three"), Value(true), Value(List{Value(3)})}) {
    EXPECT_CODE(net.ask("c1", "n1", read_of(key)), 20);
    EXPECT_CODE(net.ask("c1", "n2", cas_of(key, 1, 2)), 20);
    EXPECT_TYPE(net.ask("c1", "n1", write_of(key, 1)), "write_ok");
    EXPECT_CODE(net.ask("c2", "n2", cas_of(key, 7, 8)), 22);
    EXPECT_TYPE(net.ask("c2", "n3", cas_of(key, 1, 2)), "cas_ok");
    for (const char* node : {"n1", "n2", "n3"}) {
      EXPECT_EQ(member_of(net.ask("c3", node, read_of(key)), "value"), Value(2)) << node;
    }
  }
  EXPECT_GT(net.carried(), 10u);
  EXPECT_EQ(net.garbage(), std::vector<std::string>());
}

TEST(Raft, AnswersNothingFromACutOffNode) {
  Maelstrom net(node_of("raft", {"--op-timeout", "500ms"}), 3);
  EXPECT_TYPE(net.ask("c1", "n3", write_of(1, 1)), "write_ok");
  net.cut_off("n3");
  Value written;
  for (int tries = 0; tries < 20 && type_of(written) != "write_ok"; ++tries) {
    written = net.ask("c2", "n1", write_of(1, 2));  // there may be no leader yet
  }
  EXPECT_TYPE(written, "write_ok");
  EXPECT_CODE(net.ask("c1", "n3", read_of(1)), 0);
  EXPECT_GT(net.dropped(), 0u);
  net.heal();
  Value read;
  for (int tries = 0; tries < 20 && type_of(read) != "read_ok"; ++tries) {
    read = net.ask("c1", "n3", read_of(1));
  }
  EXPECT_EQ(member_of(read, "value"), Value(2)) << to_json(read);
}

TEST(Raft, WithAFlawShowsItToMaelstrom) {
  Maelstrom net(node_of("raft", {"--flaw", "stale-local-read", "--op-timeout", "500ms"}), 3);
  EXPECT_TYPE(net.ask("c1", "n3", write_of(1, 1)), "write_ok");
  while (type_of(net.ask("c1", "n3", read_of(1))) != "read_ok") {
  }
  net.cut_off("n3");
  Value written;
  for (int tries = 0; tries < 20 && type_of(written) != "write_ok"; ++tries) {
    written = net.ask("c2", "n1", write_of(1, 2));
  }
  EXPECT_TYPE(written, "write_ok");
  EXPECT_EQ(member_of(net.ask("c1", "n3", read_of(1)), "value"), Value(1));
}

TEST(Raft, RemembersWhatItSaidOverAKillOfAll) {
  ScratchFolder data;
  Maelstrom net(node_of("raft", {"--data", data.path()}), 3);
  EXPECT_TYPE(net.ask("c1", "n1", write_of(1, 7)), "write_ok");
  for (const char* node : {"n1", "n2", "n3"}) net.kill(node);
  for (const char* node : {"n1", "n2", "n3"}) net.start(node);
  Value read = net.ask("c2", "n2", read_of(1));
  EXPECT_EQ(member_of(read, "value"), Value(7)) << to_json(read);
}

TEST(Raft, GoesOnWithoutOneNode) {
  Maelstrom net(node_of("raft"), 3);
  EXPECT_TYPE(net.ask("c1", "n1", write_of(1, 1)), "write_ok");
  net.kill("n1");
  EXPECT_TYPE(net.ask("c1", "n2", cas_of(1, 1, 2)), "cas_ok");
  EXPECT_EQ(member_of(net.ask("c1", "n3", read_of(1)), "value"), Value(2));
}

TEST(Raft, SpeaksGSetAndBroadcast) {
  Maelstrom sets(node_of("raft", {"--workload", "g-set"}), 3);
  for (int element : {3, 1, 2}) {
    EXPECT_TYPE(sets.ask("c1", "n2", request("add", {{"element", element}})), "add_ok");
  }
  List elements{Value(1), Value(2), Value(3)};
  EXPECT_EQ(member_of(sets.ask("c2", "n3", request("read")), "value"), Value(elements));

  Maelstrom all(node_of("raft", {"--workload", "broadcast"}), 3);
  EXPECT_TYPE(all.ask("c1", "n1", request("topology", {{"topology", Map{}}})), "topology_ok");
  EXPECT_TYPE(all.ask("c1", "n1", request("broadcast", {{"message", 5}})), "broadcast_ok");
  EXPECT_EQ(member_of(all.ask("c1", "n3", request("read")), "messages"), Value(List{Value(5)}));
}

TEST(Raft, SpeaksCountersAndIds) {
  Maelstrom counters(node_of("raft", {"--workload", "pn-counter"}), 3);
  EXPECT_TYPE(counters.ask("c1", "n1", request("add", {{"delta", 5}})), "add_ok");
  EXPECT_TYPE(counters.ask("c1", "n2", request("add", {{"delta", -7}})), "add_ok");
  EXPECT_EQ(member_of(counters.ask("c1", "n3", request("read")), "value"), Value(-2));

  Maelstrom ids(node_of("raft", {"--workload", "unique-ids"}), 3);
  std::set<Value> seen;
  for (const char* node : {"n1", "n2", "n3", "n1"}) {
    Value made = ids.ask("c1", node, request("generate"));
    EXPECT_TYPE(made, "generate_ok");
    EXPECT_TRUE(seen.insert(member_of(made, "id")).second) << to_json(made);
  }
}

TEST(Abd, SpeaksReadAndWriteButNoCas) {
  Maelstrom net(node_of("abd"), 3);
  EXPECT_TYPE(net.ask("c1", "n1", write_of(1, 1)), "write_ok");
  EXPECT_EQ(member_of(net.ask("c2", "n3", read_of(1)), "value"), Value(1));
  EXPECT_CODE(net.ask("c2", "n3", cas_of(1, 1, 2)), 10);
}

TEST(Causal, AnswersFromACutOffNodeWhatItHas) {
  Maelstrom net(node_of("causal", {"--set", "sessions=pinned"}), 3);
  EXPECT_TYPE(net.ask("c1", "n3", write_of(1, 1)), "write_ok");
  net.cut_off("n3");
  EXPECT_TYPE(net.ask("c2", "n1", write_of(1, 2)), "write_ok");
  EXPECT_EQ(member_of(net.ask("c1", "n3", read_of(1)), "value"), Value(1));
  net.heal();
  Value read;
  for (int tries = 0; tries < 50 && read != Value(2); ++tries) {
    net.carry(std::chrono::milliseconds(100));
    read = member_of(net.ask("c1", "n3", read_of(1)), "value");
  }
  EXPECT_EQ(read, Value(2));
}

// More at a time than a node has sessions, and from more clients than servers remember sessions.
TEST(Clients, MayBeManyAndAskAgainBeforeTheyAreAnswered) {
  Maelstrom net(node_of("raft"), 3);
  std::vector<std::int64_t> requests;
  for (int i = 0; i < 1500; ++i) {
    std::string client = "c" + std::to_string(1 + i / 2);
    requests.push_back(net.send(client, "n1", write_of(i, i)));
  }
  for (std::int64_t request : requests) {
    std::optional<Value> answer = net.answer(request);
    for (int tries = 0; tries < 100 && !answer; ++tries) {
      net.carry(std::chrono::milliseconds(50));
      answer = net.answer(request);
    }
    ASSERT_TRUE(answer);
    EXPECT_TYPE(*answer, "write_ok");
  }
}

}  // namespace
}  // namespace sunder::stdio
