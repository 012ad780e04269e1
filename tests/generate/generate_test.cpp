// Every combinator, played offline. What is asserted is the list of ops as printed.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "harness/generate/generate.h"
#include "harness/generate/simulate.h"

namespace sunder::gen {
namespace {

using namespace std::chrono_literals;

Rng rng(std::uint64_t seed = 1) { return Rng(seed, Stream::of("test")); }

// Endless ops "read 0", "read 1" ...; the number is the count of draws so far.
Generator counting(std::string verb = "read") {
  return drawn(rng(), [verb](const Context&, Rng& draws) {
    auto count = static_cast<std::int64_t>(draws.draws());
    draws.next();
    return Draft{verb, count};
  });
}

// "verb value" of each invocation, in order.
std::string told(const Play& play) {
  std::string out;
  for (const Op& op : play.invocations()) {
    if (!out.empty()) out += ", ";
    out += op.verb;
    if (!op.value.is_nil()) append_edn(out += ' ', op.value);
  }
  return out;
}

// "time verb" of each invocation.
std::string timed(const Play& play) {
  std::string out;
  for (const Op& op : play.invocations()) {
    if (!out.empty()) out += ", ";
    out += std::to_string(nanoseconds(op.time)) + " " + op.verb;
  }
  return out;
}

constexpr Seats one_client{1, 0};
constexpr Seats three{3, 1};

TEST(Source, OneOpIsDoneOnce) {
  EXPECT_EQ(print(simulate(op("write", 3), one_client, perfect()).history),
            "0 0 invoke write 3\n"
            "10 0 ok write 3\n");
  EXPECT_EQ(simulate(Generator{}, three, perfect()).history.size(), 0u);
}

TEST(Source, AListOnOneClientAgainstAFailingAndALosingSystem) {
  Generator list = ops({{"write", 1}, {"read"}});
  EXPECT_EQ(print(simulate(list, one_client, failing()).history),
            "0 0 invoke write 1\n"
            "10 0 fail write 1\n"
            "10 0 invoke read nil\n"
            "20 0 fail read nil\n");
  EXPECT_EQ(print(simulate(list, one_client, lost()).history),
            "0 0 invoke write 1\n"
            "10 0 info write 1\n"
            "10 1 invoke read nil\n"
            "20 1 info read nil\n");
}

TEST(Source, AskingTwiceAnswersAlikeAndChangesNothing) {
  std::vector<Process> processes = {Process{0}, Process{1}, Process{2}};
  Context context{instant_at(77), ThreadSet::range(3, 1), ThreadSet::range(3, 1), &processes};
  Generator load =
      time_limit(1s, stagger(rng(3), 5ms, mix(rng(2), {counting("a"), counting("b")})));
  Emission first = load.next(context);
  Emission second = load.next(context);
  EXPECT_EQ(std::get<Ready>(first).op, std::get<Ready>(second).op);
  Emission after_first = std::get<Ready>(first).rest.next(context);
  Emission after_second = std::get<Ready>(second).rest.next(context);
  EXPECT_EQ(std::get<Ready>(after_first).op, std::get<Ready>(after_second).op);
}

TEST(Source, SlowLoadsReachEveryThread) {
  std::map<std::int32_t, int> count;
  Generator slow = delay(1ms, limit(1000, counting()));
  for (const Op& op : simulate(slow, {5, 0}, perfect()).invocations()) ++count[op.process.id];
  ASSERT_EQ(count.size(), 5u);
  for (const auto& [process, ops] : count) EXPECT_NEAR(ops, 200, 60) << process;
}

TEST(Source, SleepKeepsAThreadBusyAndLogPrints) {
  Generator generator = sequence({log("begin"), sleep(100ns), op("read")});
  Play play = simulate(generator, one_client, perfect());
  EXPECT_EQ(timed(play), "100 read");
  EXPECT_EQ(play.logged, std::vector<std::string>{"begin"});
  EXPECT_EQ(timed(simulate(generator, {2, 0}, perfect())), "0 read");  // the other thread is free
}

TEST(Sequence, RunsOneAfterTheOtherWithoutWaiting) {
  Generator generator = sequence({ops({{"a"}, {"b"}}), Generator{}, op("c")});
  EXPECT_EQ(timed(simulate(generator, three, perfect())), "0 a, 0 b, 0 c");
  EXPECT_EQ(timed(simulate(generator, one_client, perfect())), "0 a, 10 b, 20 c");
}

TEST(Sequence, PhasesWaitUntilAllAreFree) {
  auto answers = [](const Op& op) { return Answer{Phase::ok, op.verb == "slow" ? 50ns : 10ns}; };
  Generator generator = phases({ops({{"slow"}, {"a"}}), ops({{"b"}, {"c"}}), op("d")});
  EXPECT_EQ(timed(simulate(generator, three, answers)), "0 slow, 0 a, 50 b, 50 c, 60 d");
  EXPECT_EQ(timed(simulate(then(op("slow"), op("a")), three, answers)), "0 slow, 50 a");
}

TEST(Sequence, LimitsRepeatsAndCycles) {
  EXPECT_EQ(told(simulate(limit(2, counting()), three, perfect())), "read 0, read 1");
  EXPECT_EQ(told(simulate(once(counting()), three, perfect())), "read 0");
  EXPECT_EQ(told(simulate(repeat(counting(), 3), three, perfect())), "read 0, read 0, read 0");
  EXPECT_EQ(told(simulate(cycle(ops({{"a"}, {"b"}}), 2), three, perfect())), "a, b, a, b");
  EXPECT_EQ(told(simulate(limit(3, cycle(ops({{"a"}, {"b"}}))), three, perfect())), "a, b, a");
  EXPECT_EQ(told(simulate(cycle(Generator{}), three, perfect())), "");
  EXPECT_EQ(told(simulate(repeat(op("a"), 0), three, perfect())), "");
}

TEST(Sequence, UntilOkStopsAtTheFirstOk) {
  int asked = 0;
  auto third_is_ok = [&asked](const Op&) {
    return Answer{++asked == 3 ? Phase::ok : asked == 1 ? Phase::info : Phase::fail};
  };
  EXPECT_EQ(print(simulate(until_ok(repeat(op("read"))), one_client, third_is_ok).history),
            "0 0 invoke read nil\n"
            "10 0 info read nil\n"
            "10 1 invoke read nil\n"
            "20 1 fail read nil\n"
            "20 1 invoke read nil\n"
            "30 1 ok read nil\n");
}

TEST(Sequence, UntilOkIgnoresTheOksOfOthers) {
  Generator mine = on_thread(0, until_ok(repeat(op("mine"))));
  Generator other = on_thread(1, limit(3, repeat(op("other"))));
  auto answers = [](const Op& op) { return Answer{op.verb == "mine" ? Phase::fail : Phase::ok}; };
  Play play = simulate(any({mine, other}), {2, 0}, answers, 20);
  EXPECT_EQ(play.invocations().size(), 20u);
}

TEST(Sequence, TheGuardedRunsOnlyAfterEverythingWasOk) {
  Generator recovery = nemesis(ops({{"heal"}, {"verify"}}));
  Generator generator = only_after_ok(recovery, clients(limit(2, counting())));
  EXPECT_EQ(timed(simulate(generator, three, perfect())), "0 heal, 10 verify, 20 read, 20 read");
  for (Phase phase : {Phase::info, Phase::fail}) {
    for (const char* bad : {"heal", "verify"}) {
      auto answers = [&](const Op& op) { return Answer{op.verb == bad ? phase : Phase::ok}; };
      EXPECT_EQ(timed(simulate(generator, three, answers)), "0 heal, 10 verify") << bad;
    }
  }
}

TEST(Sequence, TheGuardWaitsForOpsUnderWay) {
  auto answers = [](const Op& op) {
    return op.verb == "verify" ? Answer{Phase::info, 500ns} : Answer{};
  };
  Generator generator = only_after_ok(nemesis(op("verify")), clients(op("read")));
  Play play = simulate(generator, three, answers);
  EXPECT_EQ(timed(play), "0 verify");
  EXPECT_FALSE(play.stuck);
}

TEST(Sequence, TheGuardIgnoresOpsThatBeganBefore) {
  auto answers = [](const Op& op) {
    return op.verb == "late" ? Answer{Phase::info, 15ns} : Answer{};
  };
  Generator generator = sequence(
      {on_thread(0, op("late")), only_after_ok(nemesis(ops({{"a"}, {"b"}})), op("read"))});
  EXPECT_EQ(timed(simulate(generator, three, answers)), "0 late, 0 a, 10 b, 20 read");
}

TEST(Time, LimitCountsFromTheFirstOp) {
  Generator generator = sequence({sleep(100ns), time_limit(25ns, counting())});
  EXPECT_EQ(timed(simulate(generator, one_client, perfect())), "100 read, 110 read, 120 read");
}

TEST(Time, ALimitDoesNotEndWhileASoonerOpMayCome) {
  // The nemesis's next op is past the limit and all clients are busy: they go on when free.
  Generator faults = nemesis(delay(1us, repeat(op("cut"))));
  Generator both = any({faults, clients(repeat(op("read")))});
  auto answers = [](const Op& op) { return Answer{Phase::ok, op.verb == "cut" ? 1ns : 200ns}; };
  EXPECT_EQ(timed(simulate(time_limit(500ns, both), {1, 1}, answers)),
            "0 cut, 0 read, 200 read, 400 read");
}

TEST(Time, StaggerKeepsTheMeanAndNeverMoreThanTwiceIt) {
  Generator generator = stagger(rng(), 100ns, limit(2000, counting()));
  std::vector<Op> ops = simulate(generator, {50, 0}, perfect()).invocations();
  ASSERT_EQ(ops.size(), 2000u);
  EXPECT_EQ(ops[0].time, at_start);
  EXPECT_NEAR(static_cast<double>(nanoseconds(ops.back().time)), 200'000, 6'000);
  for (std::size_t i = 1; i < ops.size(); ++i) EXPECT_LE(ops[i].time - ops[i - 1].time, 200ns);
}

TEST(Time, DelayIsEvenAndCatchesUp) {
  EXPECT_EQ(timed(simulate(delay(30ns, limit(3, counting())), three, perfect())),
            "0 read, 30 read, 60 read");
  int asked = 0;
  auto first_is_slow = [&asked](const Op&) { return Answer{Phase::ok, ++asked == 1 ? 65ns : 1ns}; };
  EXPECT_EQ(timed(simulate(delay(30ns, limit(5, counting())), one_client, first_is_slow)),
            "0 read, 65 read, 66 read, 90 read, 120 read");
}

TEST(Choice, AnyTakesTheSoonestAndTurnsOnTies) {
  Generator slow = delay(25ns, ops({{"a"}, {"b"}}));
  EXPECT_EQ(timed(simulate(any({slow, repeat(op("x"))}), one_client, perfect(), 5)),
            "0 a, 10 x, 20 x, 30 b, 40 x");
  EXPECT_EQ(told(simulate(any({limit(3, repeat(op("a"))), limit(3, repeat(op("b")))}), three,
                          perfect())),
            "a, b, a, b, a, b");
}

TEST(Choice, AnyTellsEveryoneOfEvents) {
  Generator two = any({on_thread(0, until_ok(repeat(op("a")))),
                       on_thread(1, until_ok(repeat(op("b"))))});
  EXPECT_EQ(timed(simulate(two, {2, 0}, perfect())), "0 a, 0 b");
}

TEST(Choice, MixUsesEachAndEndsWithTheLast) {
  std::map<std::string, int> count;
  Generator generator = mix(rng(), {limit(300, repeat(op("a"))), limit(10, repeat(op("b")))});
  std::vector<Op> ops = simulate(generator, three, perfect()).invocations();
  for (const Op& op : ops) ++count[op.verb];
  EXPECT_EQ(count["a"], 300);
  EXPECT_EQ(count["b"], 10);
  EXPECT_EQ(ops.back().verb, "a");
}

TEST(Choice, AChildThatWaitsDoesNotStallAMix) {
  Generator blocked = on_thread(7, op("never"));
  Play play = simulate(mix(rng(), {blocked, limit(20, repeat(op("a")))}), three, perfect());
  EXPECT_EQ(play.invocations().size(), 20u);
  EXPECT_TRUE(play.stuck);
}

TEST(Choice, FlipFlopAlternatesAndEndsWithEither) {
  Generator generator = flip_flop(repeat(op("start")), ops({{"stop", 1}, {"stop", 2}}));
  EXPECT_EQ(told(simulate(generator, one_client, perfect())),
            "start, stop 1, start, stop 2, start");
}

TEST(Threads, ClientsAndNemesesSeeOnlyThemselves) {
  Generator generator = any({clients(limit(4, counting())), nemesis(limit(2, repeat(op("cut"))))});
  EXPECT_EQ(print(simulate(any({nemesis(op("cut"))}), three, perfect()).history),
            "0 nemesis-0 invoke cut nil\n"
            "10 nemesis-0 ok cut nil\n");
  for (const Op& op : simulate(generator, three, perfect()).invocations()) {
    EXPECT_EQ(op.process.is_client(), op.verb == "read");
  }
  EXPECT_EQ(simulate(generator, three, perfect()).invocations().size(), 6u);
}

TEST(Threads, SynchronizeWithinClientsDoesNotWaitForNemeses) {
  Generator slow = nemesis(op("slow"));
  auto answers = [](const Op& op) { return Answer{Phase::ok, op.verb == "slow" ? 500ns : 10ns}; };
  EXPECT_EQ(timed(simulate(any({slow, clients(phases({op("a"), op("b")}))}), three, answers)),
            "0 slow, 0 a, 10 b");
}

TEST(Threads, ReserveGivesEachItsRange) {
  Generator generator = reserve({{2, repeat(op("a"))}, {1, repeat(op("b"))}}, repeat(op("rest")));
  std::map<std::string, std::set<std::int32_t>> seen;
  for (const Op& op : simulate(generator, {5, 1}, perfect(), 300).invocations()) {
    seen[op.verb].insert(op.process.id);
  }
  EXPECT_EQ(seen["a"], (std::set<std::int32_t>{0, 1}));
  EXPECT_EQ(seen["b"], (std::set<std::int32_t>{2}));
  EXPECT_EQ(seen["rest"], (std::set<std::int32_t>{-1, 3, 4}));
}

TEST(Threads, EachThreadHasACopyOfItsOwn) {
  Play play = simulate(clients(each_thread(ops({{"a"}, {"b"}}))), three, lost());
  std::map<std::int32_t, std::string> of_thread;
  for (const Op& op : play.invocations()) of_thread[op.process.id % 3] += op.verb;
  EXPECT_EQ(of_thread, (std::map<std::int32_t, std::string>{{0, "ab"}, {1, "ab"}, {2, "ab"}}));
}

TEST(Threads, EachProcessStartsAfresh) {
  auto a_is_lost_once = [](const Op& op) {
    return Answer{op.verb == "a" && op.process.id < 2 ? Phase::info : Phase::ok};
  };
  Play play = simulate(clients(each_process(ops({{"a"}, {"b"}}))), {2, 1}, a_is_lost_once);
  std::map<std::int32_t, std::string> of_process;
  for (const Op& op : play.invocations()) of_process[op.process.id] += op.verb;
  EXPECT_EQ(of_process, (std::map<std::int32_t, std::string>{
                            {0, "a"}, {1, "a"}, {2, "ab"}, {3, "ab"}}));
}

TEST(Threads, CopiesLearnOnlyOfTheirOwnEvents) {
  auto thread_1_is_bad = [](const Op& op) {
    return Answer{op.process.id == 1 ? Phase::fail : Phase::ok};
  };
  Play play = simulate(clients(each_thread(until_ok(limit(4, repeat(op("a")))))), {2, 0},
                       thread_1_is_bad);
  std::map<std::int32_t, int> count;
  for (const Op& op : play.invocations()) ++count[op.process.id];
  EXPECT_EQ(count, (std::map<std::int32_t, int>{{0, 1}, {1, 4}}));
}

TEST(Threads, ProcessLimitBoundsLostOps) {
  Play play = simulate(clients(process_limit(5, counting())), {2, 0}, lost());
  EXPECT_EQ(play.invocations().size(), 5u);
  EXPECT_EQ(simulate(process_limit(2, counting()), {2, 0}, perfect(), 50).invocations().size(),
            50u);
}

TEST(Rewrite, MapsAndFilters) {
  auto doubled = [](Op op) {
    op.value = op.value.integer() * 2;
    return op;
  };
  auto even = [](const Op& op) { return op.value.integer() % 2 == 0; };
  EXPECT_EQ(told(simulate(map(doubled, limit(3, counting())), three, perfect())),
            "read 0, read 2, read 4");
  EXPECT_EQ(told(simulate(limit(3, filter(even, counting())), three, perfect())),
            "read 0, read 2, read 4");
  EXPECT_EQ(told(simulate(filter(even, limit(3, counting())), three, perfect())),
            "read 0, read 2");
}

TEST(Keys, SequentialKeysFollowOneAnother) {
  auto two_reads = [](const Value&) { return ops({{"read"}, {"write", 1}}); };
  EXPECT_EQ(told(simulate(sequential_keys(these_keys({7, 8}), two_reads), three, perfect())),
            "read [7 nil], write [7 1], read [8 nil], write [8 1]");
  EXPECT_EQ(simulate(sequential_keys(integer_keys(), two_reads), three, perfect(), 99)
                .invocations().back().value,
            Value::pair(49, nullptr));
}

TEST(Keys, ConcurrentKeysWorkInGroups) {
  auto four = [](const Value&) { return limit(4, counting()); };
  Play play = simulate(clients(concurrent_keys(2, these_keys({0, 1, 2, 3, 4}), four)), {5, 1},
                       perfect());
  EXPECT_EQ(play.invocations().size(), 20u);
  EXPECT_FALSE(play.stuck);
  std::map<std::int64_t, std::set<std::int32_t>> users;
  std::map<std::int64_t, int> ops;
  for (const Op& op : play.invocations()) {
    users[op.value.list()[0].integer()].insert(op.process.id);
    ++ops[op.value.list()[0].integer()];
  }
  // Five threads make two groups: 0 1 2 and 3 4. No key is used by both.
  for (const auto& [key, processes] : users) {
    EXPECT_TRUE(*processes.rbegin() <= 2 || *processes.begin() >= 3) << key;
    EXPECT_EQ(ops[key], 4) << key;
  }
  EXPECT_EQ(users.size(), 5u);
}

TEST(Keys, TheGeneratorOfAKeyLearnsOfItsOwnOpsWithoutTheKey) {
  auto until_written = [](const Value&) { return until_ok(repeat(op("write", 1))); };
  int asked = 0;
  auto second_is_ok = [&asked](const Op&) {
    return Answer{++asked % 2 == 0 ? Phase::ok : Phase::fail};
  };
  Generator generator = concurrent_keys(1, these_keys({0, 1}), until_written);
  EXPECT_EQ(told(simulate(generator, one_client, second_is_ok)),
            "write [0 1], write [0 1], write [1 1], write [1 1]");
}

TEST(Keys, ALateCompletionOfAnOldKeyDoesNotTouchTheNext) {
  // Thread 1's op on key 0 completes ok while key 1 is under way: key 1 must not end by it.
  auto load = [](const Value& key) {
    return key.integer() == 0 ? ops({{"quick"}, {"late"}}) : until_ok(limit(9, repeat(op("try"))));
  };
  auto answers = [](const Op& op) {
    if (op.verb == "late") return Answer{Phase::ok, 35ns};
    return Answer{op.verb == "try" ? Phase::fail : Phase::ok};
  };
  Play play = simulate(concurrent_keys(2, these_keys({0, 1}), load), {2, 0}, answers);
  EXPECT_EQ(play.invocations().size(), 11u);
}

}  // namespace
}  // namespace sunder::gen
