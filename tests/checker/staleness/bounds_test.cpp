#include "checker/staleness/bounds.h"

#include <gtest/gtest.h>

#include "checker/staleness/atomicity.h"
#include "checker/weak/decide.h"
#include "tests/checker/support/register_script.h"

namespace sunder::staleness {
namespace {

using testing_support::draw_registers;
using testing_support::Drawn;
using testing_support::RegisterScript;

std::vector<Bound> bounds_of(const Registers& registers) {
  return bounds_of(registers, Clusters(registers));
}

/// What is to be known of a read, by looking at all writes.
Bound by_definition(const Registers& registers, Index at) {
  const Operation& read = registers[at];
  auto settled = [&](Index write) {
    if (write == weak::initial) return Moment{-1, 0};
    Moment first = completion(registers[write]);
    for (const Operation& other : registers.operations) {
      if (other.is_read() && other.source == write) first = std::min(first, completion(other));
    }
    return first;
  };
  Bound bound{.read = at};
  bound.from_future =
      read.source != weak::initial && read.returned < registers[read.source].invoked;
  if (bound.from_future) return bound;
  Moment now = invocation(read);
  Moment latest;
  for (Index i = 0; i < registers.size(); ++i) {
    if (registers[i].is_read() || registers[i].key != read.key || now < settled(i)) continue;
    bool newer = settled(read.source) < invocation(registers[i]);
    if (newer) {
      ++bound.newer;
      bound.stale_for = std::max(bound.stale_for, elapsed(settled(i), now));
    }
    if (settled(i) < latest) continue;
    latest = settled(i);
    bound.age = elapsed(latest, now);
    bound.missed = newer;
  }
  return bound;
}

void expect_same(const Bound& found, const Bound& wanted) {
  EXPECT_EQ(found.newer, wanted.newer);
  EXPECT_EQ(found.stale_for, wanted.stale_for);
  EXPECT_EQ(found.age, wanted.age);
  EXPECT_EQ(found.missed, wanted.missed);
  EXPECT_EQ(found.from_future, wanted.from_future);
}

TEST(StalenessBounds, are_what_looking_at_all_writes_gives) {
  Rng rng(1, Stream::of("bounds"));
  int stale = 0;
  int future = 0;
  for (int i = 0; i < 3000 && !testing::Test::HasFailure(); ++i) {
    Drawn drawn{.operations = 30, .keys = 2, .crashes_per_mille = 100};
    drawn.versions = static_cast<std::uint32_t>(rng.below(6) + 1);
    drawn.future_per_mille = i % 2 == 0 ? 0 : 100;
    Registers registers = draw_registers(rng, drawn);
    for (const Bound& bound : bounds_of(registers)) {
      expect_same(bound, by_definition(registers, bound.read));
      stale += bound.stale() ? 1 : 0;
      future += bound.from_future ? 1 : 0;
    }
  }
  EXPECT_GT(stale, 1000);
  EXPECT_GT(future, 1000);
}

TEST(StalenessBounds, never_exceed_what_the_best_order_needs) {
  Rng rng(1, Stream::of("bounds and atomicity"));
  int met[3] = {0, 0, 0};
  for (int i = 0; i < 20'000; ++i) {
    Registers registers = draw_registers(rng, {.operations = 12, .crashes_per_mille = 100});
    auto smallest = smallest_k(Clusters(registers).of_key(0)).smallest;
    for (const Bound& bound : bounds_of(registers)) {
      EXPECT_TRUE(bound.newer < 1 || smallest != Atomicity::one);
      EXPECT_TRUE(bound.newer < 2 || smallest == Atomicity::more);
      ++met[std::min(bound.newer, 2U)];
    }
  }
  EXPECT_GT(met[1], 1000);
  EXPECT_GT(met[2], 1000);
}

// The model knows nothing of reads that settle a write before it returns, so it allows more.
TEST(StalenessBounds, the_largest_is_the_bound_under_which_bounded_staleness_holds) {
  Rng rng(1, Stream::of("bounds and model"));
  int compared = 0;
  for (int i = 0; i < 3000; ++i) {
    Registers registers = draw_registers(rng, {.operations = 20});
    Clusters clusters(registers);
    bool same_notion = true;
    for (const Cluster& cluster : clusters.of_key(0)) {
      if (cluster.write == weak::initial) continue;
      same_notion = same_notion && cluster.settled == completion(registers[cluster.write]);
    }
    std::int64_t largest = 0;
    for (const Bound& bound : bounds_of(registers, clusters)) {
      largest = std::max(largest, bound.stale_for);
    }
    if (!same_notion || largest == 0) continue;
    ++compared;
    weak::Limits limits{.staleness = std::chrono::nanoseconds(largest)};
    EXPECT_EQ(decide_bounded_staleness(registers, limits).outcome, weak::Outcome::holds);
    limits.staleness -= std::chrono::nanoseconds(1);
    EXPECT_EQ(decide_bounded_staleness(registers, limits).outcome, weak::Outcome::refuted);
  }
  EXPECT_GT(compared, 300);
}

TEST(StalenessBounds, one_atomic_is_linearizable) {
  Rng rng(1, Stream::of("atomicity and model"));
  int met[2] = {0, 0};
  for (int i = 0; i < 3000; ++i) {
    Registers registers = draw_registers(
        rng, {.operations = 14, .sessions = 8, .crashes_per_mille = 50, .versions = 2});
    bool one = smallest_k(Clusters(registers).of_key(0)).smallest == Atomicity::one;
    bool holds = decide_linearizable(registers, {}).outcome == weak::Outcome::holds;
    EXPECT_EQ(one, holds);
    ++met[one ? 1 : 0];
  }
  EXPECT_GT(met[0], 100);
  EXPECT_GT(met[1], 100);
}

// A writer at a primary, and a replica that is a fixed time behind, so that the truth is known.
TEST(StalenessBounds, never_exceed_the_lag_of_a_replica_and_come_near_it) {
  constexpr std::uint32_t lag = 100;
  auto applied = [](std::uint32_t write) { return 10 * write + 2; };
  RegisterScript script;
  std::vector<Index> writes;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    writes.push_back(script.write(0, 0, 10 * i, 10 * i + 4));
  }
  auto done_by = [&](std::int64_t time) {
    return time < 2 ? 0 : std::min<std::int64_t>((time - 2) / 10 + 1, std::ssize(writes));
  };
  for (std::uint32_t read = 0; read < 3000; ++read) {
    std::int64_t seen = done_by(std::int64_t{4 * read + 2} - lag);
    Index source = seen == 0 ? weak::initial : writes[static_cast<std::size_t>(seen) - 1];
    script.read(1 + read % 4, 0, source, 4 * read + 1, 4 * read + 3);
  }
  Registers registers = script.take();
  std::int64_t longest = 0;
  for (const Bound& bound : bounds_of(registers)) {
    std::int64_t now = std::int64_t{registers[bound.read].invoked} + 1;
    std::int64_t seen = done_by(now - lag);
    EXPECT_LE(std::int64_t{bound.newer}, done_by(now) - seen);
    std::int64_t overwritten = applied(static_cast<std::uint32_t>(seen));
    EXPECT_LE(bound.stale_for, std::max<std::int64_t>(now - overwritten, 0) * 1000);
    longest = std::max(longest, bound.stale_for);
    EXPECT_TRUE(bound.age < lag * 1000 || !bound.missed);
  }
  EXPECT_GT(longest, (lag - 10) * 1000);
}

TEST(StalenessBounds, concurrent_writes_make_no_read_stale) {
  RegisterScript script;
  Index first = script.write(0, 0, 0, 3);
  script.write(1, 0, 1, 2);
  script.read(2, 0, first, 4, 5);
  EXPECT_EQ(bounds_of(script.take())[0].newer, 0U);
}

TEST(StalenessBounds, count_versions_and_time_since_the_first_newer_one) {
  RegisterScript script;
  Index first = script.write(0, 0, 0, 1);
  script.write(0, 0, 2, 3);
  script.write(0, 0, 4, 5);
  script.write(1, 0, 6, 9);  // not done when the read begins
  script.read(2, 0, first, 7, 8);
  Bound bound = bounds_of(script.take())[0];
  EXPECT_EQ(bound.newer, 2U);
  EXPECT_EQ(bound.stale_for, 4'000);
  EXPECT_EQ(bound.age, 2'000);
  EXPECT_TRUE(bound.missed);
}

}  // namespace
}  // namespace sunder::staleness
