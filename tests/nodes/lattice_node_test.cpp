// One replica of objects alone with its disk: what it answers again, and what it finds again.

#include <gtest/gtest.h>

#include "nodes/lattice/node.h"
#include "tests/nodes/support/memory_storage.h"

namespace sunder::lattice {
namespace {

using testing_support::DiskImage;
using testing_support::MemoryStorage;

/// Keeps what is sent; only what was synced survives a restart.
class LoneRuntime : public Runtime {
 public:
  LoneRuntime() : storage_([this](DiskImage image) { durable_ = std::move(image); }) {}
  NodeId self() const override { return NodeId::node(0); }
  std::span<const NodeId> peers() const override { return peers_; }
  Instant now() const override { return {}; }
  WallTime wall_now() const override { return {}; }
  void send(NodeId target, Message message) override {
    sent_.push_back({self(), target, std::move(message)});
  }
  Timer start_timer(Duration) override { return {++timers_}; }
  void cancel_timer(Timer) override {}
  Storage& storage() override { return storage_; }
  Rng& rng() override { return rng_; }
  void probe(std::string_view) override {}
  void trace(Event) override {}

  void crash() { storage_.now = durable_; }
  DiskImage& disk() { return storage_.now; }
  std::optional<Reply> answer() {
    std::optional<Reply> last;
    for (const Envelope& envelope : sent_) {
      if (const Reply* reply = envelope.message.as<Reply>()) last = *reply;
    }
    sent_.clear();
    return last;
  }

 private:
  std::vector<NodeId> peers_{NodeId::node(0), NodeId::node(1)};
  std::uint64_t timers_ = 0;
  Rng rng_{1, Stream::of("lone replica")};
  DiskImage durable_;
  MemoryStorage storage_;
  std::vector<Envelope> sent_;
};

constexpr std::int64_t key = 3;

class Replica {
 public:
  explicit Replica(Config config = {}) : config_(config) {
    if (config_.compact_every == 0) config_.compact_every = 1000;
    start();
  }
  void restart() {
    runtime_.crash();
    start();
  }
  std::optional<Reply> ask(std::int64_t msg_id, Verb verb, std::int64_t value = 0,
                           Kind kind = Kind::pn_counter) {
    Request request{.msg_id = msg_id,
                    .kind = static_cast<std::uint8_t>(kind),
                    .verb = static_cast<std::uint8_t>(verb),
                    .key = key,
                    .value = value,
                    .tag = "t" + std::to_string(msg_id)};
    node_->on_message({NodeId::client(5), runtime_.self(), Message(request)});
    return runtime_.answer();
  }
  Value total() { return ask(++reads_, Verb::read)->answer; }
  LoneRuntime& runtime() { return runtime_; }

 private:
  void start() {
    node_ = std::make_unique<ReplicaNode>(runtime_, config_);
    node_->on_start();
  }

  Config config_;
  LoneRuntime runtime_;
  std::unique_ptr<ReplicaNode> node_;
  std::int64_t reads_ = 1000;
};

TEST(ObjectReplica, AnswersARetryWithoutASecondUpdateAlsoAfterARestart) {
  Replica replica;
  std::optional<Reply> first = replica.ask(1, Verb::increment, 4);
  ASSERT_TRUE(first);
  EXPECT_EQ(replica.ask(1, Verb::increment, 4)->made, first->made);
  replica.restart();
  EXPECT_EQ(replica.ask(1, Verb::increment, 4)->made, first->made);
  EXPECT_EQ(replica.total(), Value(4));
  ASSERT_TRUE(replica.ask(2, Verb::decrement, 1));
  EXPECT_FALSE(replica.ask(1, Verb::increment, 4));  // a late copy: its client has had the answer
  EXPECT_EQ(replica.total(), Value(3));
}

TEST(ObjectReplica, CountsARetryTwiceWhenItIsToldTo) {
  Config config;
  config.flaws.applied_again = true;
  Replica replica(config);
  replica.ask(1, Verb::increment, 4);
  replica.ask(1, Verb::increment, 4);
  EXPECT_EQ(replica.total(), Value(8));
}

TEST(ObjectReplica, FindsItsObjectsAgainInSnapshotsAndRecords) {
  for (std::int64_t compact_every : {1, 3, 1000}) {
    Replica replica({.compact_every = compact_every});
    for (std::int64_t i = 1; i <= 10; ++i) ASSERT_TRUE(replica.ask(i, Verb::increment, i));
    replica.restart();
    EXPECT_EQ(replica.total(), Value(55));
    std::optional<Reply> log = replica.ask(2000, Verb::log);
    ASSERT_TRUE(log);
    EXPECT_EQ(log->made.size(), 10u);
    EXPECT_EQ(replica.ask(11, Verb::increment, 1)->made.front().dot, (clock::Dot{0, 11}));
  }
}

TEST(ObjectReplica, LeavesOutATornRecord) {
  Replica replica;
  replica.ask(1, Verb::increment, 4);
  replica.ask(2, Verb::increment, 5);
  DiskImage& disk = replica.runtime().disk();
  disk.log.back().resize(disk.log.back().size() / 2);
  replica.runtime().storage().sync();
  replica.restart();
  EXPECT_EQ(replica.total(), Value(4));
  EXPECT_EQ(replica.ask(3, Verb::increment, 1)->made.front().dot, (clock::Dot{0, 2}));
}

TEST(ObjectReplica, RefusesAnObjectOfAnotherKind) {
  Replica replica;
  replica.ask(1, Verb::increment, 4);
  EXPECT_TRUE(replica.ask(2, Verb::add, 4, Kind::g_set)->refused);
  EXPECT_EQ(replica.total(), Value(4));
}

}  // namespace
}  // namespace sunder::lattice
