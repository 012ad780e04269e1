#include <gtest/gtest.h>

#include <set>

#include "harness/core/codec.h"
#include "harness/core/history.h"
#include "harness/core/json.h"
#include "harness/core/link.h"
#include "harness/core/options.h"
#include "harness/core/rng.h"
#include "harness/core/verdict.h"

namespace sunder {
namespace {

using namespace std::chrono_literals;

struct Inner {
  std::int64_t number = 0;
  static constexpr auto fields() { return std::tuple{field("number", &Inner::number)}; }
  bool operator==(const Inner&) const = default;
};

struct Greeting {
  static constexpr std::string_view type = "greeting";
  std::string text;
  NodeId from;
  std::vector<Inner> inner;
  std::optional<std::int64_t> maybe;
  bool flag = false;
  static constexpr auto fields() {
    return std::tuple{field("text", &Greeting::text), field("from", &Greeting::from),
                      field("inner", &Greeting::inner), field("maybe", &Greeting::maybe),
                      field("flag", &Greeting::flag)};
  }
  bool operator==(const Greeting&) const = default;
};

struct Farewell {
  static constexpr std::string_view type = "farewell";
  static constexpr auto fields() { return std::tuple{}; }
  bool operator==(const Farewell&) const = default;
};

TEST(Codec, MessagesGoThroughTheirMaelstromForm) {
  Greeting greeting{"hello", NodeId::node(2), {{4}, {5}}, 9, true};
  Message message(greeting);
  std::string json = to_json(message.value());
  EXPECT_EQ(json,
            R"({"flag":true,"from":"n3","inner":[{"number":4},{"number":5}],"maybe":9,)"
            R"("text":"hello","type":"greeting"})");
  MessageCodec codec = MessageCodec::of<Farewell, Greeting>();
  Result<Message> back = codec.decode(*parse_json(json));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, message);
  ASSERT_NE(back->as<Greeting>(), nullptr);
  EXPECT_EQ(*back->as<Greeting>(), greeting);
  EXPECT_EQ(back->as<Farewell>(), nullptr);
}

TEST(Codec, UnknownTypesAndWrongFieldsAreErrors) {
  MessageCodec codec = MessageCodec::of<Greeting>();
  EXPECT_FALSE(codec.decode(*parse_json(R"({"type":"other"})")));
  EXPECT_FALSE(codec.decode(*parse_json(R"({"type":"greeting","text":3})")));
  EXPECT_FALSE(codec.decode(Value(3)));
}

TEST(Rng, DrawsAreTheSameOnEveryMachine) {
  Rng rng(42, Stream::of("network", 3));
  EXPECT_EQ(rng.next(), draw(42, Stream::of("network", 3), 0));
  EXPECT_EQ(draw(1, Stream{2}, 3), 15020427595393229491u);
}

TEST(Rng, BoundsHoldAndEveryValueComesUp) {
  Rng rng(7, Stream::of("test"));
  std::set<std::int64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(rng.between(-2, 2));
  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
}

TEST(Rng, ExponentialHasItsMean) {
  Rng rng(7, Stream::of("test"));
  Duration sum{0};
  for (int i = 0; i < 20'000; ++i) sum += rng.exponential(1ms);
  EXPECT_NEAR(static_cast<double>(sum.count()) / 20'000, 1e6, 3e4);
}

TEST(Duration, ParsesWhatPeopleWrite) {
  EXPECT_EQ(*parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(*parse_duration("200ms"), 200ms);
  EXPECT_EQ(*parse_duration("30"), 30s);
  EXPECT_EQ(*parse_duration("2m"), 2min);
  for (const char* wrong : {"", "s", "-1s", "1.s", "1x", "99999999999999h", "1 s"}) {
    EXPECT_FALSE(parse_duration(wrong)) << wrong;
  }
}

TEST(History, PairsCompletionsWithInvocationsOfTheirProcess) {
  HistoryBuilder builder;
  builder.add({.process = {0}, .phase = Phase::invoke, .verb = "read"});
  builder.add({.process = {1}, .phase = Phase::invoke, .verb = "write", .value = 3});
  builder.add({.process = {0}, .phase = Phase::ok, .verb = "read", .value = 3});
  builder.add({.process = {1}, .phase = Phase::info, .verb = "write", .value = 3, .error = "late"});
  builder.add({.process = {2}, .phase = Phase::invoke, .verb = "read"});
  History history = builder.take();
  EXPECT_EQ(history[0].pair, 2u);
  EXPECT_EQ(history[2].pair, 0u);
  EXPECT_EQ(history[3].pair, 1u);
  EXPECT_EQ(history[4].pair, no_op);
  EXPECT_EQ(history[3].error, "late");
  EXPECT_EQ(history[2].value.integer(), 3);
}

TEST(Op, GoesThroughJson) {
  Op op{.index = 5,
        .time = instant_at(17),
        .process = Process::nemesis(1),
        .phase = Phase::info,
        .verb = "start-partition",
        .value = List{Value("n1")},
        .error = "not confirmed"};
  std::string json;
  append_json(json, op);
  Result<Op> back = op_from(*parse_json(json));
  ASSERT_TRUE(back) << back.error().context;
  EXPECT_EQ(*back, op);
}

TEST(Options, KnowTheirNamesAndShapes) {
  using Kind = OptionSpec::Kind;
  std::vector<OptionSpec> specs{{"read", Kind::choice, "log", "how", {"log", "lease"}},
                                {"limit", Kind::integer, "10", "how many"},
                                {"timeout", Kind::duration, "1s", "how long"}};
  Result<Options> options = Options::parse(specs, {{"read", "lease"}});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->text("read"), "lease");
  EXPECT_EQ(options->integer("limit"), 10);
  EXPECT_EQ(options->duration("timeout"), 1s);
  EXPECT_FALSE(Options::parse(specs, {{"read", "quick"}}));
  EXPECT_FALSE(Options::parse(specs, {{"limit", "ten"}}));
  Result<Options> unknown = Options::parse(specs, {{"limti", "1"}});
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().context.find("did you mean 'limit'"), std::string::npos);
}

TEST(Verdict, UnknownNeverHidesInvalid) {
  auto part = [](Validity validity) { return Verdict{.checker = "p", .validity = validity}; };
  EXPECT_EQ(Verdict::all_of("all", {part(Validity::unknown), part(Validity::invalid),
                                    part(Validity::valid)})
                .validity,
            Validity::invalid);
  EXPECT_EQ(Verdict::all_of("all", {part(Validity::valid), part(Validity::unknown)}).validity,
            Validity::unknown);
  EXPECT_EQ(Verdict::all_of("all", {}).validity, Validity::unknown);
}

TEST(Verdict, GoesThroughJson) {
  Verdict verdict{.checker = "c", .validity = Validity::invalid, .summary = "s"};
  verdict.anomalies.push_back({"nonlinearizable", "why", {3, 9}, Value(1)});
  verdict.parts.push_back(Verdict{.checker = "inner", .validity = Validity::valid});
  Result<Verdict> back = verdict_from(*parse_json(to_json(to_value(verdict))));
  ASSERT_TRUE(back);
  EXPECT_EQ(to_value(*back), to_value(verdict));
}

TEST(Link, BlockedAndLossyLinksLosePackets) {
  LinkLane lane{Rng(1, Stream::of("link"))};
  EXPECT_EQ(decide_fate(LinkModel{.blocked = true}, lane).copies, 0);
  LinkModel lossy{.delay = 1ms, .loss = {1, 4}, .duplicate = {1, 10}};
  int lost = 0;
  int doubled = 0;
  for (int i = 0; i < 10'000; ++i) {
    Fate fate = decide_fate(lossy, lane);
    if (fate.copies == 0) ++lost;
    if (fate.copies == 2) ++doubled;
    if (fate.copies > 0) {
      EXPECT_GE(fate.delays[0], 1ms);
    }
  }
  EXPECT_NEAR(lost, 2500, 150);
  EXPECT_NEAR(doubled, 750, 100);
}

}  // namespace
}  // namespace sunder
