// Properties of the logical clocks: monotone, extend causality, equal to their copies.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "harness/core/rng.h"
#include "nodes/clock/dotted.h"
#include "nodes/clock/hybrid.h"
#include "nodes/clock/lamport.h"
#include "nodes/clock/vector.h"

namespace sunder::clock {
namespace {

/// A run of events at a few nodes, each with all its clocks, told by chance: a step of one's own,
/// or the receipt of what another event sent.
struct Happened {
  std::size_t node;
  std::set<std::size_t> causes;  // indexes of all events before it in causality
  LamportStamp lamport;
  VectorClock vector;
  HybridTime hybrid;
};

std::vector<Happened> play(std::uint64_t seed) {
  constexpr std::size_t nodes = 4;
  Rng rng(seed, Stream::of("clocks"));
  std::vector<Happened> events;
  std::vector<LamportClock> lamports(nodes);
  std::vector<VectorClock> vectors(nodes);
  std::vector<HybridClock> hybrids(nodes);
  std::vector<std::set<std::size_t>> known(nodes);
  for (std::size_t i = 0; i < 60; ++i) {
    std::size_t node = rng.below(nodes);
    if (!events.empty() && rng.chance({1, 2})) {
      std::size_t heard = rng.below(events.size());
      const Happened& other = events[heard];
      lamports[node].observe(other.lamport.time);
      vectors[node].merge(other.vector);
      hybrids[node].observe(other.hybrid);
      known[node].insert(other.causes.begin(), other.causes.end());
      known[node].insert(heard);
    }
    vectors[node].advance(node);
    std::int64_t wall = rng.between(0, 20);  // steps back as often as not
    events.push_back({node, known[node],
                      {lamports[node].tick(), static_cast<std::int64_t>(node)},
                      vectors[node], hybrids[node].tick(wall)});
    known[node].insert(i);
  }
  return events;
}

TEST(Clocks, OrderWhatCausalityOrders) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    std::vector<Happened> events = play(seed);
    for (std::size_t b = 0; b < events.size(); ++b) {
      for (std::size_t a = 0; a < events.size(); ++a) {
        if (a == b) continue;
        bool before = events[b].causes.contains(a);
        bool after = events[a].causes.contains(b);
        Order order = before ? Order::before : after ? Order::after : Order::concurrent;
        EXPECT_EQ(events[a].vector.compare(events[b].vector), order);
        if (!before) continue;
        EXPECT_LT(events[a].lamport, events[b].lamport);
        EXPECT_LT(events[a].hybrid, events[b].hybrid);
      }
    }
  }
}

TEST(Clocks, NeverGoBackAtTheirNode) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    std::map<std::size_t, Happened> last;
    for (const Happened& event : play(seed)) {
      auto [at, fresh] = last.try_emplace(event.node, event);
      if (fresh) continue;
      EXPECT_LT(at->second.lamport, event.lamport);
      EXPECT_LT(at->second.hybrid, event.hybrid);
      EXPECT_EQ(at->second.vector.compare(event.vector), Order::before);
      at->second = event;
    }
  }
}

// What is seen twice, in any order, or by a copy, leads to the same next event.
TEST(Clocks, EqualTheirCopies) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    std::vector<Happened> events = play(seed);
    LamportClock lamport;
    HybridClock hybrid;
    for (const Happened& event : events) {
      lamport.observe(event.lamport.time);
      hybrid.observe(event.hybrid);
    }
    LamportClock lamport_copy = lamport;
    HybridClock hybrid_copy = hybrid;
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      lamport_copy.observe(event->lamport.time);
      hybrid_copy.observe(event->hybrid);
    }
    EXPECT_EQ(lamport.now(), lamport_copy.now());
    EXPECT_EQ(hybrid.now(), hybrid_copy.now());
    EXPECT_EQ(lamport.tick(), lamport_copy.tick());
    EXPECT_EQ(hybrid.tick(5), hybrid_copy.tick(5));
    EXPECT_GT(lamport.now(), events.back().lamport.time);
    EXPECT_GT(hybrid.now(), events.back().hybrid);
  }
}

TEST(Clocks, StampsOfDifferentEventsDiffer) {
  std::set<LamportStamp> lamports;
  std::vector<Happened> events = play(3);
  for (const Happened& event : events) lamports.insert(event.lamport);
  EXPECT_EQ(lamports.size(), events.size());
}

TEST(HybridClock, StaysWithTheWallClockWhereItCan) {
  HybridClock clock;
  EXPECT_EQ(clock.tick(100), (HybridTime{100, 0}));
  EXPECT_EQ(clock.tick(90), (HybridTime{100, 1}));
  EXPECT_EQ(clock.tick(200), (HybridTime{200, 0}));
  clock.observe({300, 5});
  clock.observe({300, 5});
  EXPECT_EQ(clock.now(), (HybridTime{300, 5}));
  EXPECT_EQ(clock.tick(250), (HybridTime{300, 6}));
  EXPECT_EQ(clock.tick(301), (HybridTime{301, 0}));
}

// The notes' clock copied its counts under keys of another type, and then knew less than its copy.
TEST(VectorClock, EqualsItsCopies) {
  for (const Happened& event : play(9)) {
    std::optional<VectorClock> copy = parse_vector_clock(to_string(event.vector));
    ASSERT_TRUE(copy);
    EXPECT_EQ(*copy, event.vector);
    EXPECT_EQ(copy->compare(event.vector), Order::equal);
    EXPECT_EQ(VectorClock(event.vector.counts()), event.vector);
  }
}

TEST(VectorClock, HasOneFormWhateverItsHistory) {
  VectorClock one;
  one.advance(0);
  one.advance(2);
  VectorClock other;
  other.raise(2, 1);
  other.raise(0, 1);
  EXPECT_EQ(one, other);
  EXPECT_EQ(to_string(one), to_string(other));
  EXPECT_EQ(VectorClock({1, 0, 1, 0, 0}), one);
  EXPECT_EQ(VectorClock({1, -5, 1}), one);
}

TEST(VectorClock, MergesLikeASet) {
  std::vector<Happened> events = play(5);
  for (std::size_t i = 0; i + 2 < events.size(); ++i) {
    VectorClock a = events[i].vector;
    VectorClock b = events[i + 1].vector;
    VectorClock c = events[i + 2].vector;
    VectorClock ab = a;
    ab.merge(b);
    VectorClock ba = b;
    ba.merge(a);
    EXPECT_EQ(ab, ba);
    VectorClock again = ab;
    again.merge(b);
    EXPECT_EQ(again, ab);
    VectorClock left = ab;
    left.merge(c);
    VectorClock right = c;
    right.merge(b);
    right.merge(a);
    EXPECT_EQ(left, right);
    EXPECT_TRUE(ab.covers(a) && ab.covers(b));
  }
}

TEST(VectorClock, ReadsNothingFromDamagedText) {
  for (const char* text : {",", "1,", "1,,2", "-1", "x", "1 2", "99999999999999999999"}) {
    EXPECT_FALSE(parse_vector_clock(text)) << text;
  }
  EXPECT_EQ(parse_vector_clock(""), VectorClock());
}

/// Clients write at two servers, each with what it read of some earlier write; the history of a
/// write is told by sets of dots.
struct Written {
  DottedVector clock;
  std::set<Dot> known;  // of its past
};

std::vector<Written> writes(std::uint64_t seed) {
  Rng rng(seed, Stream::of("writes"));
  std::vector<Written> all;
  std::int64_t counts[2] = {0, 0};
  for (int i = 0; i < 30; ++i) {
    Written written;
    // A context is that of a server at some time, so that it contains all before it.
    for (std::int64_t node = 0; node < 2; ++node) {
      std::int64_t read = rng.between(0, counts[node]);
      written.clock.past.raise(static_cast<std::size_t>(node), read);
      for (std::int64_t count = 1; count <= read; ++count) written.known.insert({node, count});
    }
    std::size_t server = rng.below(2);
    written.clock.dot = {static_cast<std::int64_t>(server), ++counts[server]};
    all.push_back(std::move(written));
  }
  return all;
}

TEST(DottedVector, OrdersWritesAsTheirSetsOfDotsDo) {
  std::size_t concurrent_at_one_server = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    std::vector<Written> all = writes(seed);
    for (const Written& a : all) {
      for (const Written& b : all) {
        bool before = b.known.contains(a.clock.dot);
        bool after = a.known.contains(b.clock.dot);
        Order order = &a == &b ? Order::equal
                      : before ? Order::before
                      : after  ? Order::after
                               : Order::concurrent;
        EXPECT_EQ(a.clock.compare(b.clock), order);
        bool one_server = a.clock.dot.node == b.clock.dot.node;
        if (order == Order::concurrent && one_server) ++concurrent_at_one_server;
      }
    }
  }
  EXPECT_GT(concurrent_at_one_server, 0u);  // which plain vectors cannot say
}

TEST(DottedVector, HasOneTextFormAndEqualsItsCopies) {
  std::set<std::string> texts;
  for (const Written& written : writes(3)) {
    std::string text = to_string(written.clock);
    EXPECT_TRUE(texts.insert(text).second);
    std::optional<DottedVector> copy = parse_dotted_vector(text);
    ASSERT_TRUE(copy);
    EXPECT_EQ(*copy, written.clock);
    EXPECT_EQ(copy->compare(written.clock), Order::equal);
    EXPECT_EQ(to_string(*copy), text);
    EXPECT_TRUE(copy->ceiling().covers(written.clock.past));
    EXPECT_TRUE(covers(copy->ceiling(), written.clock.dot));
    EXPECT_FALSE(covers(written.clock.past, written.clock.dot));
  }
  for (const char* text : {"", ":", "1:2", "64:1 ", "-1:1 ", "1:-1 1", "1:2 1,", "1:2 x"}) {
    EXPECT_FALSE(parse_dotted_vector(text)) << text;
  }
}

}  // namespace
}  // namespace sunder::clock
