#include "checker/staleness/atomicity.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/checker/support/register_script.h"

namespace sunder::staleness {
namespace {

using testing_support::draw_registers;
using testing_support::Drawn;
using testing_support::RegisterScript;

/// k-atomicity by its definition: all orders of the operations of one key that keep real time.
class AllOrders {
 public:
  AllOrders(const Registers& registers, std::uint32_t k) : k_(k) {
    std::set<Index> read;
    for (const Operation& one : registers.operations) {
      if (one.is_read()) read.insert(one.source);
    }
    std::map<Index, std::size_t> place;
    for (Index i = 0; i < registers.size(); ++i) {
      const Operation& one = registers[i];
      // A write of unknown outcome that nobody read may be left out, and leaving it out is best.
      if (one.is_write() && one.returned == weak::never && !read.contains(i)) continue;
      place[i] = operations_.size();
      operations_.push_back(one);
    }
    for (const Operation& one : operations_) {
      bool known = one.is_read() && one.source != weak::initial;
      source_.push_back(known ? place.at(one.source) : nowhere);
    }
    version_.assign(operations_.size(), 0);
  }

  bool possible() { return extend(0, 0); }

 private:
  static constexpr std::size_t nowhere = SIZE_MAX;

  // `versions` writes stand in the order already; version_ says which is which, from 1 on.
  bool extend(std::uint32_t placed, std::uint32_t versions) {
    if (placed + 1 == 1U << operations_.size()) return true;
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      std::uint32_t bit = 1U << i;
      if ((placed & bit) != 0 || !may_come(i, placed)) continue;
      if (operations_[i].is_write()) {
        version_[i] = versions + 1;
        if (extend(placed | bit, versions + 1)) return true;
        continue;
      }
      std::size_t source = source_[i];
      if (source != nowhere && (placed & 1U << source) == 0) continue;
      std::uint32_t seen = source == nowhere ? 0 : version_[source];
      if (versions - seen < k_ && extend(placed | bit, versions)) return true;
    }
    return false;
  }

  bool may_come(std::size_t next, std::uint32_t placed) const {
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      bool waits = (placed & 1U << i) == 0 && i != next;
      if (waits && operations_[i].returned < operations_[next].invoked) return false;
    }
    return true;
  }

  std::uint32_t k_;
  std::vector<Operation> operations_;
  std::vector<std::size_t> source_;
  std::vector<std::uint32_t> version_;
};

Atomicity by_all_orders(const Registers& registers) {
  if (AllOrders(registers, 1).possible()) return Atomicity::one;
  if (AllOrders(registers, 2).possible()) return Atomicity::two;
  if (AllOrders(registers, 1000).possible()) return Atomicity::more;
  return Atomicity::nowhere;
}

Atomicity smallest(const Registers& registers) {
  return smallest_k(Clusters(registers).of_key(0)).smallest;
}

/// How often each answer came, which all orders agree with.
std::map<Atomicity, int> compare(const char* stream, Drawn drawn, int histories) {
  std::map<Atomicity, int> met;
  Rng rng(1, Stream::of(stream));
  for (int i = 0; i < histories; ++i) {
    drawn.operations = static_cast<std::uint32_t>(rng.below(7) + 2);
    drawn.sessions = static_cast<std::uint32_t>(rng.below(5) + 1);
    drawn.versions = static_cast<std::uint32_t>(rng.below(4) + 1);
    Registers registers = draw_registers(rng, drawn);
    Atomicity found = smallest(registers);
    EXPECT_EQ(found, by_all_orders(registers)) << "history " << i;
    if (testing::Test::HasFailure()) break;
    ++met[found];
  }
  return met;
}

TEST(Atomicity, agrees_with_all_orders_of_small_histories) {
  std::map<Atomicity, int> met = compare("atomicity", {}, 100'000);
  EXPECT_GT(met[Atomicity::one], 10'000);
  EXPECT_GT(met[Atomicity::two], 5'000);
  EXPECT_GT(met[Atomicity::more], 1'000);
}

TEST(Atomicity, agrees_with_all_orders_when_writes_never_return_or_are_read_too_early) {
  Drawn drawn{.reads_per_mille = 500, .crashes_per_mille = 300, .future_per_mille = 50};
  std::map<Atomicity, int> met = compare("crashed", drawn, 60'000);
  EXPECT_GT(met[Atomicity::one], 10'000);
  EXPECT_GT(met[Atomicity::two], 1'000);
  EXPECT_GT(met[Atomicity::more], 100);
  EXPECT_GT(met[Atomicity::nowhere], 100);
}

TEST(Atomicity, agrees_with_all_orders_when_most_operations_are_writes) {
  std::map<Atomicity, int> met =
      compare("writes", {.reads_per_mille = 350, .crashes_per_mille = 50}, 60'000);
  EXPECT_GT(met[Atomicity::two], 1'000);
  EXPECT_GT(met[Atomicity::more], 500);
}

// Enough for chunks of several values with others inside.
TEST(Atomicity, agrees_with_all_orders_of_larger_histories) {
  Rng rng(1, Stream::of("larger"));
  std::map<Atomicity, int> met;
  for (int i = 0; i < 20'000 && !testing::Test::HasFailure(); ++i) {
    Drawn drawn{.operations = 12, .reads_per_mille = 500, .versions = 3};
    drawn.sessions = static_cast<std::uint32_t>(rng.below(5) + 2);
    Registers registers = draw_registers(rng, drawn);
    Atomicity found = smallest(registers);
    EXPECT_EQ(found, by_all_orders(registers)) << "history " << i;
    ++met[found];
  }
  EXPECT_GT(met[Atomicity::two], 3'000);
  EXPECT_GT(met[Atomicity::more], 1'000);
}

TEST(Atomicity, nothing_at_all_is_1_atomic) { EXPECT_EQ(smallest_k({}).smallest, Atomicity::one); }

TEST(Atomicity, one_version_behind_is_2_atomic_and_two_are_not) {
  for (int behind : {0, 1, 2}) {
    RegisterScript script;
    std::vector<Index> writes{script.write(0, 0, 0, 1), script.write(0, 0, 2, 3),
                              script.write(0, 0, 4, 5)};
    script.read(1, 0, writes[static_cast<std::size_t>(2 - behind)], 6, 7);
    EXPECT_EQ(smallest(script.take()), static_cast<Atomicity>(behind)) << behind;
  }
}

TEST(Atomicity, the_initial_value_is_older_than_all_writes) {
  RegisterScript good;
  good.write(0, 0, 0, 3);
  good.read(1, 0, weak::initial, 1, 2);
  EXPECT_EQ(smallest(good.take()), Atomicity::one);
  RegisterScript bad;
  bad.write(0, 0, 0, 1);
  bad.read(1, 0, weak::initial, 2, 3);
  EXPECT_EQ(smallest(bad.take()), Atomicity::two);
}

TEST(Atomicity, two_clusters_show_why_a_history_is_not_1_atomic) {
  RegisterScript script;
  Index first = script.write(0, 0, 0, 1);
  Index second = script.write(0, 0, 2, 3);
  script.read(1, 0, first, 4, 5);
  script.write(0, 0, 6, 7);
  Registers registers = script.take();
  Clusters clusters(registers);
  AtomicityFinding finding = smallest_k(clusters.of_key(0));
  ASSERT_EQ(finding.because.size(), 2U);
  EXPECT_EQ(clusters.of_key(0)[finding.because[0]].write, script.place(first));
  EXPECT_EQ(clusters.of_key(0)[finding.because[1]].write, script.place(second));
}

TEST(Atomicity, a_write_that_never_returned_happened_before_its_first_read_returned) {
  RegisterScript script;
  Index open = script.write(0, 0, 0);
  script.read(1, 0, open, 1, 2);
  script.write(2, 0, 3, 4);
  script.read(1, 0, open, 5, 6);  // the write between cannot have been before the open one
  EXPECT_EQ(smallest(script.take()), Atomicity::two);
  RegisterScript good;
  open = good.write(0, 0, 0);
  good.write(2, 0, 3, 4);
  good.read(1, 0, open, 5, 6);
  EXPECT_EQ(smallest(good.take()), Atomicity::one);
}

}  // namespace
}  // namespace sunder::staleness
