// The etcd adapter against real etcd processes on loopback. What needs etcd is skipped, with the
// reason, where it is not installed.

#include <gtest/gtest.h>
#include <signal.h>

#include <set>

#include "catalogue/stores.h"
#include "harness/core/assert.h"
#include "tests/stores/support/local_service.h"

namespace sunder {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::LocalService;

const System& etcd() {
  static const Registry<System> systems = [] {
    Registry<System> registry;
    add_all_stores(registry);
    return registry;
  }();
  const System* found = systems.find("etcd");
  ASSERT(found != nullptr);
  return *found;
}

Op op(std::string verb, Value value) {
  Op invocation;
  invocation.verb = std::move(verb);
  invocation.value = std::move(value);
  return invocation;
}
Op read(int key) { return op("read", Value::pair(key, {})); }
Op write(int key, int value) { return op("write", Value::pair(key, value)); }
Op cas(int key, Value old, int fresh) {
  return op("cas", Value::pair(key, Value::pair(std::move(old), fresh)));
}

#define NEEDS_ETCD()                                                            \
  if (!testing::installed(*etcd().service)) {                                   \
    GTEST_SKIP() << "etcd is not installed; cure: " << etcd().service->install; \
  }

#define EXPECT_OUTCOME(outcome, expected_phase, expected_text)                          \
  do {                                                                                  \
    const Outcome seen = (outcome);                                                     \
    EXPECT_EQ(to_string(seen.phase), to_string(Phase::expected_phase)) << seen.why;     \
    EXPECT_EQ(seen.phase == Phase::ok ? to_json(seen.value) : seen.why, expected_text); \
  } while (false)

TEST(Etcd, CommandNamesEveryMemberAndKeepsDataApart) {
  Result<Options> options = Options::parse(etcd().options, {{"election-timeout", "2s"}});
  ASSERT_TRUE(options);
  const ServicePlace place{NodeId::node(1),
                           {{NodeId::node(0), "10.0.0.1"}, {NodeId::node(1), "10.0.0.2"}},
                           "/data/n2",
                           *options};
  const std::vector<std::string> command = etcd().service->command(place);
  std::string line;
  for (const std::string& word : command) line += word + " ";
  EXPECT_EQ(line.substr(0, 45), "etcd --name n2 --data-dir /data/n2/etcd --lis");
  for (const char* part :
       {"--initial-cluster n1=http://10.0.0.1:2380,n2=http://10.0.0.2:2380 ",
        "--listen-client-urls http://10.0.0.2:2379 ", "--listen-peer-urls http://10.0.0.2:2380 ",
        "--election-timeout 2000 ", "--heartbeat-interval 100 "}) {
    EXPECT_NE(line.find(part), std::string::npos) << part << "in\n" << line;
  }
}

TEST(Etcd, ClaimsLinearizableEvenWithLocalReads) {
  Result<Options> options = Options::parse(etcd().options, {{"serializable", "true"}});
  ASSERT_TRUE(options);
  EXPECT_EQ(etcd().claim(SystemConfig{.options = *options}), "linearizable");
}

TEST(Etcd, RegisterOperationsOnOneNode) {
  NEEDS_ETCD();
  LocalService cluster(etcd(), 1, {});
  ASSERT_TRUE(cluster.await_ready(seconds(20))) << cluster.log(0);
  std::unique_ptr<BlockingClient> client = cluster.connect(0);
  auto run = [&](const Op& invocation) { return client->invoke(invocation, seconds(5)); };

  EXPECT_OUTCOME(run(read(7)), ok, "[7,null]");
  EXPECT_OUTCOME(run(cas(7, 1, 2)), fail, "compare failed");  // nothing was ever written
  EXPECT_OUTCOME(run(write(7, 3)), ok, "[7,3]");
  EXPECT_OUTCOME(run(read(7)), ok, "[7,3]");
  EXPECT_OUTCOME(run(cas(7, 4, 5)), fail, "compare failed");
  EXPECT_OUTCOME(run(read(7)), ok, "[7,3]");
  EXPECT_OUTCOME(run(cas(7, 3, 5)), ok, "[7,[3,5]]");
  EXPECT_OUTCOME(run(read(7)), ok, "[7,5]");
  EXPECT_OUTCOME(run(cas(7, {}, 6)), fail, "compare failed");  // nil: only when never written
  EXPECT_OUTCOME(run(cas(8, {}, -6)), ok, "[8,[null,-6]]");
  EXPECT_OUTCOME(run(read(8)), ok, "[8,-6]");
  EXPECT_OUTCOME(run(read(70)), ok, "[70,null]");
}

TEST(Etcd, WhatIsNoRegisterOperationIsRefusedUnsent) {
  Result<Options> options = Options::parse(etcd().options, {});
  ASSERT_TRUE(options);
  const ServicePlace place{NodeId::node(0), {{NodeId::node(0), "127.0.0.1"}}, "", *options};
  std::unique_ptr<BlockingClient> client = etcd().service->connect(place, NodeId::node(0));
  for (const Op& wrong :
       {op("read", 7), op("read", Value::pair("x", {})), op("append", Value::pair(7, 3)),
        op("write", Value::pair(7, {})), op("cas", Value::pair(7, 3))}) {
    const Outcome outcome = client->invoke(wrong, seconds(1));
    EXPECT_EQ(outcome.phase, Phase::fail);
    EXPECT_EQ(outcome.why.find("refused: "), 0u) << outcome.why;
  }
}

TEST(Etcd, NobodyListeningIsAFailAndAPausedServerIsInfoInTime) {
  NEEDS_ETCD();
  LocalService cluster(etcd(), 1, {});
  ASSERT_TRUE(cluster.await_ready(seconds(20))) << cluster.log(0);
  std::unique_ptr<BlockingClient> client = cluster.connect(0);
  EXPECT_OUTCOME(client->invoke(write(1, 1), seconds(5)), ok, "[1,1]");

  cluster.signal(0, SIGSTOP);
  for (const Op& invocation : {write(1, 2), read(1), cas(1, 1, 3)}) {
    const auto begun = std::chrono::steady_clock::now();
    const Outcome outcome = client->invoke(invocation, milliseconds(300));
    const auto taken = std::chrono::steady_clock::now() - begun;
    EXPECT_EQ(outcome.phase, Phase::info) << outcome.why;
    EXPECT_GE(taken, milliseconds(250));
    EXPECT_LT(taken, milliseconds(1500));
  }
  cluster.signal(0, SIGCONT);
  // The same client goes on over a new connection: no late answer is taken for a new one.
  EXPECT_OUTCOME(client->invoke(write(2, 9), seconds(5)), ok, "[2,9]");
  EXPECT_OUTCOME(client->invoke(read(2), seconds(5)), ok, "[2,9]");

  cluster.kill(0);
  const Outcome refused = client->invoke(write(1, 4), seconds(1));
  EXPECT_EQ(refused.phase, Phase::fail) << refused.why;
  EXPECT_EQ(refused.why.find("refused: connect to "), 0u) << refused.why;
  EXPECT_FALSE(cluster.status(0, seconds(1)));

  // What was acknowledged survives the kill, and the idle connection's end goes unnoticed.
  cluster.start(0);
  ASSERT_TRUE(cluster.await_ready(seconds(20))) << cluster.log(0);
  EXPECT_OUTCOME(client->invoke(read(2), seconds(5)), ok, "[2,9]");
}

TEST(Etcd, ThreeNodesHaveOneLeaderAndLocalReadsOutliveTheQuorum) {
  NEEDS_ETCD();
  LocalService cluster(etcd(), 3, {{"serializable", "true"}});
  ASSERT_TRUE(cluster.await_ready(seconds(30))) << cluster.log(0);
  int leader = -1;
  std::multiset<std::string> roles;
  for (int node = 0; node < 3; ++node) {
    Result<NodeStatus> status = cluster.status(node, seconds(2));
    ASSERT_TRUE(status) << status.error().context;
    EXPECT_TRUE(status->ready);
    EXPECT_GE(status->term, 2);  // the first election's
    roles.insert(status->role);
    if (status->role == "leader") leader = node;
  }
  EXPECT_EQ(roles, (std::multiset<std::string>{"follower", "follower", "leader"}));

  const int survivor = (leader + 1) % 3;
  std::unique_ptr<BlockingClient> client = cluster.connect(survivor);
  EXPECT_OUTCOME(client->invoke(write(1, 5), seconds(5)), ok, "[1,5]");
  cluster.kill(leader);
  cluster.kill((leader + 2) % 3);

  // Alone, the node can still read what it has, which is the point of the option ...
  EXPECT_OUTCOME(client->invoke(read(1), seconds(5)), ok, "[1,5]");
  // ... but it can agree on nothing, and knows that it is not ready.
  EXPECT_EQ(client->invoke(write(1, 6), seconds(1)).phase, Phase::info);
  Result<NodeStatus> alone = cluster.status(survivor, seconds(1));
  ASSERT_TRUE(alone) << alone.error().context;
  EXPECT_EQ(alone->role, "follower");
  EXPECT_FALSE(alone->ready);
}

TEST(Etcd, TheLeadershipIsTransferredWhenTheLeaderIsAskedTo) {
  NEEDS_ETCD();
  LocalService cluster(etcd(), 3, {});
  ASSERT_TRUE(cluster.await_ready(seconds(30))) << cluster.log(0);
  auto leader = [&] {
    for (int node = 0; node < 3; ++node) {
      Result<NodeStatus> status = cluster.status(node, seconds(2));
      if (status && status->role == "leader") return node;
    }
    return -1;
  };
  const int before = leader();
  ASSERT_GE(before, 0);
  const int heir = (before + 1) % 3;
  const Service& service = *etcd().service;
  auto ask = [&](int node, std::string_view verb, Value value) {
    return service.instruct(cluster.address(node), verb, value, seconds(5));
  };
  const std::string name = to_string(NodeId::node(heir));
  EXPECT_FALSE(ask(heir, transfer_leadership, name)) << "it does not lead";
  EXPECT_FALSE(ask(before, transfer_leadership, "n9"));
  EXPECT_FALSE(ask(before, change_voters, name));
  EXPECT_EQ(leader(), before);
  Status asked = ask(before, transfer_leadership, name);
  EXPECT_TRUE(asked) << asked.error().context;
  EXPECT_EQ(leader(), heir);
}

TEST(Etcd, WithoutLocalReadsAMinorityAnswersNoRead) {
  NEEDS_ETCD();
  LocalService cluster(etcd(), 3, {});
  ASSERT_TRUE(cluster.await_ready(seconds(30))) << cluster.log(0);
  std::unique_ptr<BlockingClient> client = cluster.connect(0);
  EXPECT_OUTCOME(client->invoke(write(1, 5), seconds(5)), ok, "[1,5]");
  cluster.kill(1);
  cluster.kill(2);
  EXPECT_NE(client->invoke(read(1), seconds(1)).phase, Phase::ok);
}

}  // namespace
}  // namespace sunder
