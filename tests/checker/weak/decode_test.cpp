// From recorded ops to reads and writes in sessions.

#include <gtest/gtest.h>

#include "checker/weak/decode.h"
#include "tests/checker/support/histories.h"

namespace sunder::weak {
namespace {

using testing_support::ScriptedHistory;

Decoded decode(ScriptedHistory script, bool keyed = false, const Value& first_value = nullptr) {
  History history = script.take();
  Decoder decoder(keyed, first_value);
  for (std::size_t i = 0; i < history.size(); ++i) decoder.feed(history[i]);
  return decoder.take();
}

TEST(WeakDecode, ReadsFindTheirWrites) {
  Decoded decoded = decode(ScriptedHistory().write(0, 1).read(1, 1).write(1, 2).read(0, 2));
  EXPECT_EQ(decoded.trouble, "");
  const Registers& registers = decoded.registers;
  ASSERT_EQ(registers.size(), 4u);
  ASSERT_EQ(registers.sessions(), 2u);
  // Session of process 0: write 1, read 2; of process 1: read 1, write 2.
  EXPECT_TRUE(registers[0].is_write());
  EXPECT_EQ(registers[1].source, 3u);
  EXPECT_EQ(registers[2].source, 0u);
  EXPECT_EQ(decoded.reads, 2u);
}

TEST(WeakDecode, ReadsOfNothingReadTheInitialValue) {
  ScriptedHistory script;
  script.call(0, "read", {}, {}).write(0, 1);
  EXPECT_EQ(decode(script).registers[0].source, initial);
  Decoded with_value = decode(ScriptedHistory().read(0, 7).write(0, 1), false, Value(7));
  EXPECT_EQ(with_value.registers[0].source, initial);
  EXPECT_EQ(with_value.trouble, "");
}

TEST(WeakDecode, NilIsNoAnswerWhereRegistersBeginWithAValue) {
  ScriptedHistory script;
  script.call(0, "read", {}, {}).write(0, 1);
  Decoded decoded = decode(script, false, Value(7));
  EXPECT_EQ(decoded.registers.size(), 1u);
  EXPECT_EQ(decoded.reads, 0u);
}

TEST(WeakDecode, AnUnknownWriteHappenedWhenItWasRead) {
  ScriptedHistory script;
  script.invoke(0, "write", 1).info(0, "write", 1).read(1, 1);
  Decoded decoded = decode(script);
  ASSERT_EQ(decoded.registers.size(), 2u);
  EXPECT_EQ(decoded.registers[0].returned, never);
  EXPECT_TRUE(decoded.registers.pending_since.empty());
}

TEST(WeakDecode, AnUnknownWriteThatNobodyReadIsOnlyPending) {
  ScriptedHistory script;
  script.write(1, 2).invoke(0, "write", 1).info(0, "write", 1).read(1, 2);
  Decoded decoded = decode(script);
  EXPECT_EQ(decoded.registers.size(), 2u);
  ASSERT_EQ(decoded.registers.pending_since.size(), 1u);
  EXPECT_EQ(decoded.registers.pending_since[0], 2u);
}

TEST(WeakDecode, AProcessThatGoesOnAfterInfoBeginsANewSession) {
  ScriptedHistory script;
  script.write(0, 1).invoke(0, "write", 2).info(0, "write", 2).read(0, 1).read(1, 2);
  Decoded decoded = decode(script);
  EXPECT_EQ(decoded.registers.sessions(), 3u);
  EXPECT_EQ(decoded.processes, (std::vector<std::int32_t>{0, 0, 1}));
}

TEST(WeakDecode, AnUnansweredWriteEndsItsSessionToo) {
  ScriptedHistory script;
  script.invoke(0, "write", 1).invoke(0, "write", 2).ok(0, "write", 2).read(1, 1).read(1, 2);
  Decoded decoded = decode(script);
  EXPECT_EQ(decoded.registers.sessions(), 3u);
  EXPECT_EQ(decoded.registers[0].returned, never);
}

TEST(WeakDecode, FailedWritesAreGoneAndReadsOfThemAreNamed) {
  ScriptedHistory script;
  script.invoke(0, "write", 1).fail(0, "write", 1, "refused").read(1, 1).read(1, 9);
  Decoded decoded = decode(script);
  EXPECT_EQ(decoded.registers.size(), 0u);
  ASSERT_EQ(decoded.unwritten.size(), 2u);
  EXPECT_EQ(decoded.unwritten[0].failed_write, 0u);
  EXPECT_EQ(decoded.unwritten[1].failed_write, no_op);
}

TEST(WeakDecode, AFailureMayBeTriedAgainWithTheSameValue) {
  ScriptedHistory script;
  script.invoke(0, "write", 1).fail(0, "write", 1, "refused").write(1, 1).read(0, 1);
  Decoded decoded = decode(script);
  EXPECT_EQ(decoded.trouble, "");
  EXPECT_EQ(decoded.registers.size(), 2u);
}

TEST(WeakDecode, WhatHidesTheSourceOfAReadIsTrouble) {
  EXPECT_NE(decode(ScriptedHistory().write(0, 1).write(1, 1)).trouble.find("same value as op 0"),
            std::string::npos);
  EXPECT_NE(decode(ScriptedHistory().write(0, 7), false, Value(7)).trouble.find("initial value"),
            std::string::npos);
  EXPECT_NE(decode(ScriptedHistory().cas(0, 1, 2)).trouble.find("neither a read nor a write"),
            std::string::npos);
}

TEST(WeakDecode, OddShapesAreTroubleAndNeverACrash) {
  ScriptedHistory unkeyed;
  unkeyed.write(0, 1);
  EXPECT_NE(decode(unkeyed, true).trouble.find("[key value]"), std::string::npos);
  ScriptedHistory other_key;
  other_key.call(0, "read", Value::pair(1, nullptr), Value::pair(2, nullptr));
  EXPECT_NE(decode(other_key, true).trouble.find("another key"), std::string::npos);
  ScriptedHistory lists;
  lists.call(0, "write", List{1, 2}, nullptr);
  EXPECT_NE(decode(lists).trouble.find("no scalar"), std::string::npos);
  ScriptedHistory alone;
  alone.ok(0, "read", 1);
  EXPECT_NE(decode(alone).trouble.find("without an invocation"), std::string::npos);
}

TEST(WeakDecode, RestrictingKeepsSessionsAndSources) {
  Decoded decoded = decode(
      ScriptedHistory().write(0, 1).read(1, 1).write(1, 2).read(0, 2).write(2, 3).read(2, 1));
  std::vector<Index> keep{0, 2, 5};  // write 1; read 1 of process 1; read 1 of process 2
  Registers part = restrict(decoded.registers, keep);
  ASSERT_EQ(part.sessions(), 3u);
  EXPECT_EQ(part[1].source, 0u);
  EXPECT_EQ(part[2].source, 0u);
  EXPECT_EQ(part[2].session, 2u);
  EXPECT_FALSE(part.has_previous(2));
}

}  // namespace
}  // namespace sunder::weak
