// What the replicated machine holds beside registers: what commands do, retries, snapshots and
// digests; and how ops of each datatype are said and answered.

#include <gtest/gtest.h>

#include "nodes/kv/dialects/dialect.h"
#include "nodes/kv/state_machine.h"

namespace sunder {
namespace {

/// A machine with one session, whose commands come one after the other.
class Scene {
 public:
  explicit Scene(KvStateMachine::Limits limits = {}) : machine_(limits) {
    machine_.apply(++index_, kv_command(KvVerb::open_session, 0));
  }
  KvAnswer update(KvVerb verb, std::int64_t key, std::int64_t value = 0,
                  std::int64_t expected = 0) {
    last_ = kv_command(verb, key, value, expected);
    last_.session = 1;
    last_.sequence = ++sequence_;
    return machine_.apply(++index_, last_);
  }
  KvAnswer retry() { return machine_.apply(++index_, last_); }
  KvAnswer read(KvVerb verb, std::int64_t key, std::int64_t value = 0,
                std::int64_t expected = 0) const {
    return machine_.observe(kv_command(verb, key, value, expected));
  }
  KvStateMachine& machine() { return machine_; }

 private:
  KvStateMachine machine_;
  std::int64_t index_ = 0;
  std::int64_t sequence_ = 0;
  KvCommand last_;
};

using Integers = std::vector<std::int64_t>;

TEST(KvObjects, sets_hold_each_element_once) {
  Scene scene;
  scene.update(KvVerb::set_add, 1, 7);
  scene.update(KvVerb::set_add, 1, 3);
  scene.update(KvVerb::set_add, 1, 7);
  EXPECT_EQ(scene.read(KvVerb::set_read, 1).list, (Integers{3, 7}));
  EXPECT_EQ(scene.read(KvVerb::set_read, 2).list, Integers{});
}

TEST(KvObjects, queues_give_the_oldest_first_and_nothing_when_empty) {
  Scene scene;
  scene.update(KvVerb::enqueue, 1, 5);
  scene.update(KvVerb::enqueue, 1, 6);
  EXPECT_EQ(scene.update(KvVerb::dequeue, 2).value, std::nullopt);
  EXPECT_EQ(scene.update(KvVerb::dequeue, 1).value, 5);
  EXPECT_EQ(scene.update(KvVerb::dequeue, 1).value, 6);
  EXPECT_EQ(scene.update(KvVerb::dequeue, 1).value, std::nullopt);
}

TEST(KvObjects, counters_add_and_ids_differ) {
  Scene scene;
  scene.update(KvVerb::counter_add, 1, 5);
  scene.update(KvVerb::counter_add, 1, -7);
  EXPECT_EQ(scene.read(KvVerb::counter_read, 1).value, -2);
  EXPECT_EQ(scene.read(KvVerb::counter_read, 2).value, 0);
  std::optional<std::int64_t> id = scene.update(KvVerb::generate, 0).value;
  EXPECT_NE(id, scene.update(KvVerb::generate, 0).value);
}

TEST(KvObjects, locks_have_one_holder_and_growing_tokens) {
  Scene scene;
  EXPECT_EQ(scene.update(KvVerb::release, 1, 4).code, KvCode::condition_failed);
  EXPECT_EQ(scene.update(KvVerb::acquire, 1, 4).value, 1);
  EXPECT_EQ(scene.update(KvVerb::acquire, 1, 4).code, KvCode::condition_failed);
  EXPECT_EQ(scene.update(KvVerb::acquire, 1, 5).code, KvCode::condition_failed);
  EXPECT_EQ(scene.update(KvVerb::release, 1, 5).code, KvCode::condition_failed);
  EXPECT_EQ(scene.update(KvVerb::release, 1, 4).code, KvCode::ok);
  EXPECT_EQ(scene.update(KvVerb::acquire, 1, 5).value, 2);
  EXPECT_EQ(scene.update(KvVerb::acquire, 2, 5).value, 1);
}

TEST(KvObjects, the_bank_refuses_what_would_make_or_owe_money) {
  Scene scene;
  EXPECT_EQ(scene.update(KvVerb::transfer, 1, 1, 0).code, KvCode::condition_failed) << "empty";
  EXPECT_EQ(scene.update(KvVerb::transfer, 0, 30, 1).code, KvCode::ok);
  EXPECT_EQ(scene.update(KvVerb::transfer, 1, 31, 0).code, KvCode::condition_failed);
  EXPECT_EQ(scene.update(KvVerb::transfer, 1, -1, 0).code, KvCode::condition_failed);
  EXPECT_EQ(scene.update(KvVerb::transfer, 1, 1, 1).code, KvCode::condition_failed);
  EXPECT_EQ(scene.update(KvVerb::transfer, 1, 1, 8).code, KvCode::condition_failed);
  EXPECT_EQ(scene.update(KvVerb::transfer, -1, 1, 0).code, KvCode::condition_failed);
  EXPECT_EQ(scene.read(KvVerb::balances, 0).list, (Integers{70, 30, 0, 0, 0, 0, 0, 0}));
}

TEST(KvObjects, logs_are_polled_by_offset) {
  Scene scene;
  EXPECT_EQ(scene.update(KvVerb::send, 1, 50).value, 0);
  EXPECT_EQ(scene.update(KvVerb::send, 1, 51).value, 1);
  EXPECT_EQ(scene.update(KvVerb::send, 1, 52).value, 2);
  EXPECT_EQ(scene.read(KvVerb::poll, 1, 1, 9).list, (Integers{51, 52}));
  EXPECT_EQ(scene.read(KvVerb::poll, 1, 0, 2).list, (Integers{50, 51}));
  EXPECT_EQ(scene.read(KvVerb::poll, 1, 3, 9).list, Integers{});
  EXPECT_EQ(scene.read(KvVerb::poll, 1, -1, 9).list, Integers{});
  EXPECT_EQ(scene.read(KvVerb::poll, 1, INT64_MAX, INT64_MAX).list, Integers{});
  EXPECT_EQ(scene.read(KvVerb::poll, 1, 0, INT64_MIN).list, Integers{});
}

TEST(KvObjects, a_range_of_registers_is_read_at_once) {
  Scene scene;
  scene.update(KvVerb::write, 4, 40);
  scene.update(KvVerb::write, 6, 60);
  scene.update(KvVerb::write, 7, 70);
  EXPECT_EQ(scene.read(KvVerb::read_range, 4, 3).list, (Integers{4, 40, 6, 60}));
  EXPECT_EQ(scene.read(KvVerb::read_range, INT64_MIN, INT64_MAX).list, Integers{});
  EXPECT_EQ(scene.read(KvVerb::read_range, 4, -1).list, Integers{});
}

/// Something of everything.
void fill(Scene& scene) {
  scene.update(KvVerb::write, 3, -9);
  scene.update(KvVerb::set_add, 1, 7);
  scene.update(KvVerb::enqueue, 1, 5);
  scene.update(KvVerb::enqueue, 1, 6);
  scene.update(KvVerb::dequeue, 1);
  scene.update(KvVerb::counter_add, 1, 5);
  scene.update(KvVerb::generate, 0);
  scene.update(KvVerb::acquire, 1, 4);
  scene.update(KvVerb::acquire, 2, 4);
  scene.update(KvVerb::release, 2, 4);
  scene.update(KvVerb::transfer, 0, 30, 1);
  scene.update(KvVerb::send, 1, 50);
}

// Thesis, section 6.3. Each of these would answer, or do, something else a second time.
TEST(KvObjects, a_retry_is_answered_without_running_it) {
  struct Case {
    KvVerb verb;
    std::int64_t key, value, expected;
  };
  for (const Case& one : {Case{KvVerb::enqueue, 1, 8, 0}, Case{KvVerb::dequeue, 1, 0, 0},
                          Case{KvVerb::counter_add, 1, 2, 0}, Case{KvVerb::generate, 0, 0, 0},
                          Case{KvVerb::acquire, 9, 4, 0}, Case{KvVerb::release, 1, 4, 0},
                          Case{KvVerb::transfer, 0, 1, 1}, Case{KvVerb::send, 1, 51, 0}}) {
    auto after = [&](bool apply_retries) {
      Scene scene({.apply_retries = apply_retries});
      fill(scene);
      KvAnswer first = scene.update(one.verb, one.key, one.value, one.expected);
      std::string before = scene.machine().snapshot();
      KvAnswer second = scene.retry();
      return std::pair{first == second, before == scene.machine().snapshot()};
    };
    EXPECT_EQ(after(false), (std::pair{true, true})) << static_cast<int>(one.verb);
    auto [same_answer, same_state] = after(true);
    EXPECT_FALSE(same_answer && same_state) << static_cast<int>(one.verb);
  }
}

TEST(KvObjects, snapshots_carry_everything_and_give_the_same_digest) {
  Scene scene;
  fill(scene);
  KvStateMachine copy({});
  ASSERT_TRUE(copy.restore(scene.machine().snapshot()));
  EXPECT_EQ(copy.digest(), scene.machine().digest());
  EXPECT_EQ(copy.snapshot(), scene.machine().snapshot());
  for (auto [verb, key, value] : {std::tuple{KvVerb::dequeue, 1, 0},
                                  {KvVerb::generate, 0, 0},
                                  {KvVerb::acquire, 2, 4},
                                  {KvVerb::send, 1, 51}}) {
    KvCommand command = kv_command(verb, key, value);
    EXPECT_EQ(copy.apply(100, command), scene.machine().apply(100, command));
  }
  EXPECT_EQ(copy.digest(), scene.machine().digest());
}

TEST(KvObjects, every_update_changes_the_digest) {
  Scene scene;
  fill(scene);
  for (auto [verb, key, value, expected] : {std::tuple{KvVerb::set_add, 1, 8, 0},
                                            {KvVerb::enqueue, 1, 8, 0},
                                            {KvVerb::dequeue, 1, 0, 0},
                                            {KvVerb::counter_add, 1, 1, 0},
                                            {KvVerb::generate, 0, 0, 0},
                                            {KvVerb::acquire, 5, 4, 0},
                                            {KvVerb::release, 1, 4, 0},
                                            {KvVerb::transfer, 1, 2, 0},
                                            {KvVerb::send, 1, 51, 0}}) {
    std::uint64_t before = scene.machine().digest();
    scene.machine().apply(100, kv_command(verb, key, value, expected));  // without a session
    EXPECT_NE(scene.machine().digest(), before) << static_cast<int>(verb);
  }
}

TEST(KvObjects, bytes_that_are_no_snapshot_are_refused) {
  Scene scene;
  fill(scene);
  std::string bytes = scene.machine().snapshot();
  std::uint64_t digest = scene.machine().digest();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(scene.machine().restore(std::string_view(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(scene.machine().restore(bytes + "x"));
  EXPECT_EQ(scene.machine().digest(), digest);
}

/// What a client of one datatype says and hears.
class Speaker {
 public:
  explicit Speaker(const char* datatype) : dialect_(kv_dialect(datatype)) {}
  /// The value of the ok completion, as JSON; "not understood", or the error of a refusal.
  std::string say(const char* verb, Value argument, std::int32_t process = 3) {
    Op op{.process = Process{process}, .verb = verb, .value = std::move(argument)};
    if (dialect_->settles(op)) return "settled";
    std::optional<KvCommand> command = dialect_->command(op);
    if (!command) return "not understood";
    KvReply reply = kv_reply(1, machine_.apply(++index_, *command));
    if (reply.code != 0) return std::string(dialect_->refusal());
    return to_json(dialect_->answer(op, *command, reply));
  }

 private:
  std::unique_ptr<KvDialect> dialect_;
  KvStateMachine machine_{{}};
  std::int64_t index_ = 0;
};

TEST(KvDialects, sets_queues_and_counters_may_be_keyed) {
  Speaker set("g-set");
  EXPECT_EQ(set.say("add", 4), "4");
  EXPECT_EQ(set.say("add", Value::pair(2, 9)), "[2,9]");
  EXPECT_EQ(set.say("read", nullptr), "[4]");
  EXPECT_EQ(set.say("read", Value::pair(2, nullptr)), "[2,[9]]");
  EXPECT_EQ(set.say("add", "x"), "not understood");
  Speaker queue("fifo-queue");
  EXPECT_EQ(queue.say("enqueue", Value::pair(2, 9)), "[2,9]");
  EXPECT_EQ(queue.say("dequeue", Value::pair(2, nullptr)), "[2,9]");
  EXPECT_EQ(queue.say("dequeue", Value::pair(2, nullptr)), "[2,null]");
  Speaker counter("counter");
  EXPECT_EQ(counter.say("add", Value::pair(2, 5)), "[2,5]");
  EXPECT_EQ(counter.say("read", Value::pair(2, nullptr)), "[2,5]");
  Speaker ids("unique-ids");
  EXPECT_EQ(ids.say("generate", nullptr), "1");
  EXPECT_EQ(ids.say("generate", nullptr), "2");
}

TEST(KvDialects, locks_belong_to_processes) {
  Speaker lock("fenced-mutex");
  EXPECT_EQ(lock.say("acquire", Value::pair(1, nullptr), 3), "[1,1]");
  EXPECT_EQ(lock.say("release", Value::pair(1, nullptr), 4), "held by somebody else, or by nobody");
  EXPECT_EQ(lock.say("release", Value::pair(1, nullptr), 3), "[1,null]");
  EXPECT_EQ(lock.say("acquire", nullptr, 4), "1");
}

TEST(KvDialects, the_bank_answers_a_map_of_balances) {
  Speaker bank("bank");
  Map transfer;
  transfer["from"] = 0;
  transfer["to"] = 7;
  transfer["amount"] = 1;
  EXPECT_EQ(bank.say("transfer", transfer), R"({"amount":1,"from":0,"to":7})");
  transfer["from"] = 3;
  EXPECT_EQ(bank.say("transfer", transfer), "not enough money");
  EXPECT_EQ(bank.say("transfer", 4), "not understood");
  EXPECT_EQ(bank.say("read", nullptr), R"({"0":99,"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":1})");
}

TEST(KvDialects, multi_registers_write_one_and_read_neighbours) {
  Speaker registers("multi-register");
  auto read = [](int key) { return Value(List{":r", key, nullptr}); };
  EXPECT_EQ(registers.say("txn", Value::list_of(List{":w", 5, 1})), R"([[":w",5,1]])");
  EXPECT_EQ(registers.say("txn", Value::pair(2, List{read(4), read(5)})),
            R"([2,[[":r",4,null],[":r",5,1]]])");
  EXPECT_EQ(registers.say("txn", List{read(5), read(4)}), "not understood");
  EXPECT_EQ(registers.say("txn", List{}), "not understood");
}

TEST(KvDialects, consumers_poll_what_is_assigned_to_them_from_where_they_were) {
  Speaker log("kafka");
  Value poll = Value::list_of(List{":poll"});
  EXPECT_EQ(log.say("poll", poll), "not understood") << "nothing is assigned";
  EXPECT_EQ(log.say("send", Value::list_of(List{":send", 1, 50})), R"([[":send",1,[0,50]]])");
  EXPECT_EQ(log.say("send", Value::list_of(List{":send", 2, 60})), R"([[":send",2,[0,60]]])");
  EXPECT_EQ(log.say("assign", List{1, 2}), "settled");
  EXPECT_EQ(log.say("poll", poll), R"([[":poll",{"1":[[0,50]]}]])");
  EXPECT_EQ(log.say("poll", poll), R"([[":poll",{"2":[[0,60]]}]])");
  EXPECT_EQ(log.say("send", Value::list_of(List{":send", 1, 51})), R"([[":send",1,[1,51]]])");
  EXPECT_EQ(log.say("poll", poll), R"([[":poll",{"1":[[1,51]]}]])");
  EXPECT_EQ(log.say("assign", List{2}), "settled");
  EXPECT_EQ(log.say("poll", poll), R"([[":poll",{"2":[]}]])");
  EXPECT_EQ(log.say("assign", List{1}), "settled");
  EXPECT_EQ(log.say("poll", poll), R"([[":poll",{"1":[[0,50],[1,51]]}]])");
}

TEST(KvDialects, arguments_of_any_shape_are_no_more_than_not_understood) {
  std::vector<Value> arguments{Value(),
                               Value(true),
                               Value(3),
                               Value("x"),
                               Value(List{}),
                               Value(Value::list_of(List{})),
                               Value(Map{}),
                               Value(Value::list_of(List{":send", "k"})),
                               Value::pair(1, Value::list_of(List{":r"})),
                               Value::pair("k", 1)};
  for (const auto& [datatype, verbs] : kv_verbs()) {
    Speaker speaker(datatype.c_str());
    for (const std::string& verb : verbs) {
      for (const Value& argument : arguments) speaker.say(verb.c_str(), argument);
    }
    EXPECT_EQ(speaker.say("no such verb", nullptr), "not understood") << datatype;
  }
}

}  // namespace
}  // namespace sunder
