// Replicated objects as values: laws of their joins after serialisation, and their definitions.

#include <gtest/gtest.h>

#include "harness/core/rng.h"
#include "tests/nodes/support/object_play.h"

namespace sunder::lattice {
namespace {

using testing_support::joined;
using testing_support::ObjectPlay;
using testing_support::play_object;
using testing_support::serialised;
using testing_support::specified_answer;

constexpr Kind kinds[] = {Kind::g_counter, Kind::pn_counter,   Kind::g_set,
                          Kind::or_set,    Kind::lww_register, Kind::mv_register};
constexpr int steps = 40;
constexpr std::uint64_t plays = 25;  // a thousand states of each kind

template <class Visit>
void each_play(Visit visit) {
  for (Kind kind : kinds) {
    for (std::uint64_t seed = 1; seed <= plays; ++seed) {
      ObjectPlay play = play_object(kind, seed, steps);
      Rng rng(seed, Stream::of("triples"));
      visit(kind, play, rng);
    }
  }
}

TEST(Objects, JoinLikeALatticeAfterTheWireAndTheDisk) {
  each_play([](Kind, const ObjectPlay& play, Rng& rng) {
    for (const Object& one : play.states) {
      const Object& two = play.states[rng.below(play.states.size())];
      const Object& three = play.states[rng.below(play.states.size())];
      Object a = serialised(one);
      Object b = serialised(two);
      Object c = serialised(three);
      ASSERT_EQ(a.whole(), one.whole());
      Object ab = serialised(joined(a, b));
      ASSERT_EQ(ab.whole(), joined(b, a).whole());
      ASSERT_EQ(joined(ab, c).whole(), joined(a, serialised(joined(b, c))).whole());
      ASSERT_EQ(joined(a, a).whole(), a.whole());
      ASSERT_EQ(joined(ab, b).whole(), ab.whole());
      ASSERT_TRUE(ab.context().covers(a.context()) && ab.context().covers(b.context()));
    }
  });
}

TEST(Objects, AnswerAsTheirDatatypeIsDefined) {
  each_play([](Kind kind, const ObjectPlay& play, Rng&) {
    ASSERT_FALSE(play.updates.empty());
    for (const Object& object : play.states) {
      Value due = specified_answer(kind, play.updates, object.context());
      Value answer = object.answer();
      if (answer.is_list()) std::sort(answer.list().begin(), answer.list().end());
      ASSERT_EQ(to_json(answer), to_json(due));
    }
  });
}

TEST(Objects, WithEqualUpdatesAreEqual) {
  each_play([](Kind, const ObjectPlay& play, Rng&) {
    std::map<std::string, const Object*> by_context;
    for (const Object& object : play.states) {
      auto [at, fresh] = by_context.try_emplace(to_string(object.context()), &object);
      if (fresh) continue;
      ASSERT_EQ(at->second->state(), object.state());
      ASSERT_EQ(at->second->fingerprint(), object.fingerprint());
    }
  });
}

TEST(Objects, ArriveInPartsAsTheyDoAsAWhole) {
  each_play([](Kind, const ObjectPlay& play, Rng& rng) {
    for (const Object& one : play.states) {
      Object part = play.states[rng.below(play.states.size())];
      Object whole = joined(part, one);
      part.join(one.since(part.context(), part.listed(), SIZE_MAX), 0, {});
      ASSERT_EQ(part.whole(), whole.whole());
    }
  });
}

TEST(Objects, TakeNoPartThatWouldLeaveAGap) {
  Object source(Kind::g_set);
  source.update({.verb = Verb::add, .value = 1}, {0, 1}, 0, 0, {});
  clock::VectorClock known = source.context();
  source.update({.verb = Verb::add, .value = 2}, {0, 2}, 0, 0, {});
  Object target(Kind::g_set);
  EXPECT_FALSE(target.join(source.since(known, known, SIZE_MAX), 0, {}));
  EXPECT_EQ(target.whole(), Object(Kind::g_set).whole());
  EXPECT_TRUE(target.join(source.whole(), 0, {}));
  EXPECT_EQ(to_json(target.answer()), "[1,2]");
}

// A context that is ahead of what came in parts must not hide the entries of lost answers.
TEST(Objects, ListWhatTheyHaveEntriesOfWithoutAGap) {
  each_play([](Kind, const ObjectPlay& play, Rng&) {
    for (const Object& object : play.states) {
      ASSERT_TRUE(object.context().covers(object.listed()));
      for (std::size_t node = 0; node < 4; ++node) {
        for (std::int64_t count = 1; count <= object.listed().at(node); ++count) {
          ASSERT_TRUE(object.entries().contains({static_cast<std::int64_t>(node), count}));
        }
      }
    }
  });
}

TEST(Siblings, AreConcurrentAndCoverAllThatWasWritten) {
  std::size_t several = 0;
  for (std::uint64_t seed = 1; seed <= plays; ++seed) {
    for (const Object& object : play_object(Kind::mv_register, seed, steps).states) {
      const Siblings& siblings = std::get<Siblings>(object.state());
      ASSERT_EQ(siblings.ceiling(), object.context());
      several += siblings.all().size() > 1 ? 1 : 0;
      for (const Sibling& one : siblings.all()) {
        for (const Sibling& other : siblings.all()) {
          if (&one == &other) continue;
          ASSERT_EQ(one.clock.compare(other.clock), clock::Order::concurrent);
        }
      }
    }
  }
  EXPECT_GT(several, 100u);
}

TEST(Parts, OfDamagedNumbersAreRefusedOrHarmless) {
  each_play([](Kind kind, const ObjectPlay& play, Rng& rng) {
    NumberWriter out;
    play.states.back().whole().put(out);
    const Numbers whole = out.take();
    for (int i = 0; i < 20; ++i) {
      Numbers damaged = whole;
      if (rng.chance({1, 2})) damaged.resize(rng.below(whole.size()));
      for (std::int64_t& number : damaged) {
        if (rng.chance({1, 30})) number = static_cast<std::int64_t>(rng.next());
      }
      NumberReader in(damaged);
      Part part = Part::get(in);
      if (!in.ok()) continue;
      Object object(kind);
      object.join(part, 0, {});
      object.answer();
    }
    std::string bytes = to_bytes(whole);
    EXPECT_EQ(from_bytes(bytes), whole);
    EXPECT_FALSE(from_bytes(bytes.substr(0, bytes.size() - 1)));
    EXPECT_FALSE(from_bytes(bytes + "x"));
  });
}

}  // namespace
}  // namespace sunder::lattice
