// The notation of small histories.

#include <gtest/gtest.h>

#include "tests/checker/weak/support/generate.h"

namespace sunder::weak::support {
namespace {

std::string read_and_written(std::string_view text) {
  Result<Litmus> litmus = parse_litmus(text);
  return litmus ? to_text(*litmus) : "wrong: " + litmus.error().context;
}

TEST(WeakLitmus, IsReadAndWritten) {
  EXPECT_EQ(read_and_written("P1 w(x1) r(y0) | P2 w(y1) r(x0)"), "w(x1) r(y0) | w(y1) r(x0)");
  EXPECT_EQ(read_and_written("w(x1)|r(x1)"), "w(x1) | r(x1)");
  EXPECT_EQ(read_and_written("w?(x1) | w!(x2) r(x1)"), "w?(x1) | w!(x2) r(x1)");
  EXPECT_EQ(read_and_written("w(x1)@0- | r(x1)@3-7"), "w(x1)@0- | r(x1)@3-7");
  EXPECT_EQ(read_and_written("w(x1)@0-1 r(x1)@2-3"), "w(x1) r(x1)") << "the usual times";
}

TEST(WeakLitmus, WhatIsNoHistoryIsAnError) {
  for (const char* text : {"", "|", "w(x1) |", "w(x)", "w(1)", "q(x1)", "w(x1", "w(x1)@", "w(x1)@3",
                           "w(x1)@5-4", "w(x1)@0-1 r(x1)", "P w(x1)", "w(x99999999999)"}) {
    EXPECT_TRUE(read_and_written(text).starts_with("wrong: ")) << text;
  }
}

TEST(WeakLitmus, RandomOnesAreWrittenAsTheyAreRead) {
  Rng rng(1, Stream::of("litmus"));
  for (int i = 0; i < 1000; ++i) {
    Registers registers = *registers_of(random_litmus(rng, 1 + rng.below(8)));
    if (registers.size() == 0) continue;
    std::string text = to_text(registers);
    EXPECT_EQ(to_text(registers_of(text)), text);
  }
}

TEST(WeakLitmus, OnlyWhatSurelyHappenedIsKept) {
  EXPECT_EQ(to_text(registers_of("w!(x1) w(x2) | r?(x2) r(x2)")), "w(x1)@2-3 | r(x1)@2-3");
  Registers unread = registers_of("r(x0) w?(x1) | r(y0)");
  EXPECT_EQ(unread.size(), 2u) << "nobody noticed the write";
  EXPECT_EQ(unread.pending_since, (std::vector<std::uint32_t>{4, never})) << "but it may be seen";
  Registers apart = registers_of("w?(x1) r(y0) | r(x1)");
  EXPECT_EQ(apart.sessions(), 3u) << "what comes after it owes the write nothing";
  EXPECT_EQ(apart[0].returned, never);
  EXPECT_EQ(registers_of("r(y0) w?(x1) | r(x1)").sessions(), 2u);
  EXPECT_FALSE(registers_of(*parse_litmus("r(x1)")));
  EXPECT_FALSE(registers_of(*parse_litmus("w!(x1) | r(x1)")));
}

TEST(WeakLitmus, BecomesAHistory) {
  History history = history_of(*parse_litmus("w?(x1) r(y0) | r(x1)"));
  std::string text;
  for (std::size_t i = 0; i < history.size(); ++i) text += describe(history[i].op()) + "\n";
  EXPECT_EQ(text,
            "process 0 invoke write [\"x\" 1]\n"
            "process 1 invoke read [\"x\" nil]\n"
            "process 0 info write [\"x\" 1] (timed out)\n"
            "process 1 ok read [\"x\" 1]\n"
            "process 2 invoke read [\"y\" nil]\n"
            "process 2 ok read [\"y\" nil]\n");
}

}  // namespace
}  // namespace sunder::weak::support
