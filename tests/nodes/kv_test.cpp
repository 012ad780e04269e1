// The replicated machine: registers, sessions, snapshots; and how ops become commands.

#include <gtest/gtest.h>

#include "nodes/kv/dialects/dialect.h"
#include "nodes/kv/state_machine.h"

namespace sunder {
namespace {

KvCommand command(KvVerb verb, std::int64_t session, std::int64_t sequence, std::int64_t value,
                  std::int64_t expected = 0) {
  return {static_cast<std::uint8_t>(verb), session, sequence, 7, value, expected};
}

TEST(KvStateMachine, carries_out_reads_writes_and_compares) {
  KvStateMachine machine({});
  EXPECT_EQ(machine.apply(1, command(KvVerb::open_session, 0, 0, 0)).value, 1);
  EXPECT_EQ(machine.read(7).value, std::nullopt);
  EXPECT_EQ(machine.apply(2, command(KvVerb::cas, 1, 1, 5, 0)).code, KvCode::condition_failed);
  EXPECT_EQ(machine.apply(3, command(KvVerb::write, 1, 2, 5)).code, KvCode::ok);
  EXPECT_EQ(machine.apply(4, command(KvVerb::cas, 1, 3, 6, 5)).code, KvCode::ok);
  EXPECT_EQ(machine.read(7).value, 6);
}

// Thesis, section 6.3.
TEST(KvStateMachine, answers_a_retry_without_running_it) {
  KvStateMachine machine({});
  machine.apply(1, command(KvVerb::open_session, 0, 0, 0));
  machine.apply(2, command(KvVerb::write, 1, 1, 5));
  EXPECT_EQ(machine.apply(3, command(KvVerb::cas, 1, 2, 6, 5)).code, KvCode::ok);
  EXPECT_EQ(machine.apply(4, command(KvVerb::cas, 1, 2, 6, 5)).code, KvCode::ok);
  EXPECT_EQ(machine.apply(5, command(KvVerb::write, 1, 1, 5)).code, KvCode::session_expired);
  EXPECT_EQ(machine.read(7).value, 6);

  KvStateMachine forgetful({.apply_retries = true});
  forgetful.apply(1, command(KvVerb::open_session, 0, 0, 0));
  forgetful.apply(2, command(KvVerb::write, 1, 1, 5));
  forgetful.apply(3, command(KvVerb::cas, 1, 2, 6, 5));
  EXPECT_EQ(forgetful.apply(4, command(KvVerb::cas, 1, 2, 6, 5)).code, KvCode::condition_failed);
}

TEST(KvStateMachine, expires_the_session_used_longest_ago) {
  KvStateMachine machine({.sessions = 2});
  machine.apply(1, command(KvVerb::open_session, 0, 0, 0));
  machine.apply(2, command(KvVerb::open_session, 0, 0, 0));
  machine.apply(3, command(KvVerb::write, 1, 1, 5));
  machine.apply(4, command(KvVerb::open_session, 0, 0, 0));
  EXPECT_EQ(machine.apply(5, command(KvVerb::write, 2, 1, 9)).code, KvCode::session_expired);
  EXPECT_EQ(machine.apply(6, command(KvVerb::write, 1, 2, 6)).code, KvCode::ok);
  EXPECT_EQ(machine.read(7).value, 6);
}

TEST(KvStateMachine, snapshots_carry_everything_and_digests_see_what_is_missing) {
  for (bool forget : {false, true}) {
    KvStateMachine machine({.forget_in_snapshot = forget});
    machine.apply(1, command(KvVerb::open_session, 0, 0, 0));
    machine.apply(2, command(KvVerb::write, 1, 1, -5));
    KvStateMachine copy({});
    ASSERT_TRUE(copy.restore(machine.snapshot()));
    EXPECT_EQ(copy.read(7).value, -5);
    EXPECT_EQ(copy.digest() == machine.digest(), !forget);
    machine.apply(3, command(KvVerb::write, 1, 2, 8));
    copy.apply(3, command(KvVerb::write, 1, 2, 8));
    // Only the sequence numbers were lost, and both have learnt the same one again.
    EXPECT_EQ(copy.digest(), machine.digest());
  }
}

TEST(KvStateMachine, refuses_bytes_that_are_no_snapshot) {
  KvStateMachine machine({});
  machine.apply(1, command(KvVerb::open_session, 0, 0, 0));
  machine.apply(2, command(KvVerb::write, 1, 1, 5));
  std::string bytes = machine.snapshot();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(machine.restore(std::string_view(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(machine.restore(bytes + "x"));
  EXPECT_EQ(machine.read(7).value, 5);
}

TEST(KvCommand, survives_its_bytes) {
  KvCommand before = command(KvVerb::cas, 1 << 20, -3, INT64_MAX, INT64_MIN);
  ByteWriter out;
  put_command(out, before);
  std::string bytes = out.take();
  ByteReader in(bytes);
  EXPECT_EQ(get_command(in), before);
  EXPECT_TRUE(in.ok());
  EXPECT_TRUE(in.at_end());
  in.number();
  EXPECT_FALSE(in.ok());
}

TEST(KvCommand, comes_from_well_formed_ops_only) {
  auto from = [](const char* verb, Value value) {
    return kv_dialect("cas-register")->command(Op{.verb = verb, .value = std::move(value)});
  };
  EXPECT_EQ(from("read", Value::pair(7, nullptr)), command(KvVerb::read, 0, 0, 0));
  EXPECT_EQ(from("write", Value::pair(7, 3)), command(KvVerb::write, 0, 0, 3));
  EXPECT_EQ(from("cas", Value::pair(7, Value::pair(1, 2))), command(KvVerb::cas, 0, 0, 2, 1));
  EXPECT_EQ(from("write", Value::pair(7, "three")), std::nullopt);
  EXPECT_EQ(from("cas", Value::pair(7, 2)), std::nullopt);
  EXPECT_EQ(from("append", Value::pair(7, 2)), std::nullopt);
  EXPECT_EQ(from("read", Value(7)), std::nullopt);
}

}  // namespace
}  // namespace sunder
