// Skewed draws, preferences and ends by answer.

#include <gtest/gtest.h>

#include "harness/generate/generate.h"
#include "harness/generate/simulate.h"

namespace sunder::gen {
namespace {

std::vector<int> drawn_from(const Zipf& zipf, int times) {
  std::vector<int> counts(zipf.count());
  Rng rng(1, Stream::of("zipf"));
  for (int i = 0; i < times; ++i) ++counts[zipf.draw(rng)];
  return counts;
}

TEST(Zipf, ranks_come_as_often_as_their_weights) {
  std::vector<int> counts = drawn_from(Zipf(4, 1), 25'000);  // 12 : 6 : 4 : 3
  EXPECT_NEAR(counts[0], 12'000, 300);
  EXPECT_NEAR(counts[1], 6'000, 300);
  EXPECT_NEAR(counts[2], 4'000, 300);
  EXPECT_NEAR(counts[3], 3'000, 300);
}

TEST(Zipf, skew_goes_from_none_to_much) {
  for (int count : drawn_from(Zipf(5, 0), 10'000)) EXPECT_NEAR(count, 2'000, 200);
  EXPECT_GT(drawn_from(Zipf(5, 3), 10'000)[0], 8'000);
  EXPECT_EQ(drawn_from(Zipf(1, 1), 10), std::vector<int>{10});
}

TEST(Zipf, large_tables_have_room) {
  Zipf zipf(std::size_t{1} << 20, 3);
  Rng rng(1, Stream::of("zipf"));
  for (int i = 0; i < 1000; ++i) EXPECT_LT(zipf.draw(rng), zipf.count());
}

// The numbers themselves: another table would be another load for every known seed.
TEST(Zipf, draws_are_the_same_on_every_machine) {
  Zipf zipf(100, 1);
  Rng rng(7, Stream::of("zipf"));
  std::string ranks;
  for (int i = 0; i < 12; ++i) ranks += std::to_string(zipf.draw(rng)) + " ";
  EXPECT_EQ(ranks, "9 38 74 1 36 4 4 68 88 2 2 72 ");
}

std::string verbs(const Play& play) {
  std::string out;
  for (const Op& op : play.invocations()) out += (out.empty() ? "" : " ") + op.verb;
  return out;
}

TEST(Prefer, the_first_goes_first_as_long_as_it_has_something) {
  Generator first = limit(2, repeat(op("a")));
  EXPECT_EQ(verbs(simulate(prefer(first, limit(2, repeat(op("b")))), {1, 0}, perfect())),
            "a a b b");
  EXPECT_EQ(verbs(simulate(prefer(Generator{}, op("b")), {1, 0}, perfect())), "b");
}

TEST(Prefer, what_the_first_offers_later_waits_for_nobody) {
  // One op at once and one after 100 ns; each other op takes 10 ns.
  Generator slow = delay(Duration(100), limit(2, repeat(op("slow"))));
  std::string all = verbs(simulate(prefer(slow, limit(12, repeat(op("b")))), {1, 0}, perfect()));
  EXPECT_EQ(all, "slow b b b b b b b b b slow b b b");
}

TEST(During, goes_on_for_as_long_as_the_other_lasts) {
  Generator lasting = nemesis(phases({op("begin"), sleep(Duration{35}), op("end")}));
  Play play =
      simulate(during(lasting, clients(delay(Duration{10}, repeat(op("read"))))), {}, perfect());
  std::vector<std::string> verbs;
  for (const Op& one : play.invocations()) verbs.push_back(one.verb);
  EXPECT_EQ(verbs,
            (std::vector<std::string>{"begin", "read", "read", "read", "read", "read", "end"}));
  EXPECT_FALSE(play.stuck);
}

TEST(Until, goes_on_until_an_answer_is_enough) {
  int asked = 0;
  auto answers = [&asked](const Op&) { return Answer{++asked < 3 ? Phase::ok : Phase::fail}; };
  auto failed = [](const Op& completion) { return completion.phase == Phase::fail; };
  Play play = simulate(until(failed, repeat(op("take"))), {1, 0}, answers);
  EXPECT_EQ(play.invocations().size(), 3u);
}

}  // namespace
}  // namespace sunder::gen
