#include "checker/staleness/converge.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/checker/support/register_script.h"

namespace sunder::staleness {
namespace {

using std::chrono::microseconds;
using testing_support::draw_registers;
using testing_support::Drawn;
using testing_support::RegisterScript;
using weak::Outcome;

/// Every session is a process of the same number.
Convergence converge(const Registers& registers, Ending ending = {},
                     microseconds within = microseconds(0)) {
  for (std::size_t i = 0; i < registers.sessions(); ++i) {
    ending.processes.push_back(static_cast<std::int32_t>(i));
  }
  return converge(registers, Clusters(registers), ending, within, {});
}

Ending given_up(std::uint32_t position) {
  return {.given_up = {Moment{position, std::int64_t{position} * 1000}}};
}

TEST(Converge, agreement_of_two_processes_holds_and_difference_is_refuted) {
  for (bool agree : {true, false}) {
    RegisterScript script;
    Index old = script.write(0, 0, 0, 3);
    Index last = script.write(1, 0, 1, 2);
    script.read(0, 0, last, 4, 5);
    script.read(1, 0, agree ? last : old, 6, 7);
    Convergence convergence = converge(script.take());
    EXPECT_EQ(convergence.finding.outcome, agree ? Outcome::holds : Outcome::refuted);
    EXPECT_EQ(convergence.keys[0].end, agree ? KeyEnd::converged : KeyEnd::differs);
    EXPECT_EQ(convergence.keys[0].last_reads.size(), agree ? 0U : 2U);
    EXPECT_EQ(convergence.finding.core.size(), agree ? 0U : 4U);
  }
}

TEST(Converge, one_process_that_sees_both_values_is_cited_with_both) {
  RegisterScript script;
  Index old = script.write(0, 0, 0, 3);
  Index last = script.write(1, 0, 1, 2);
  script.read(0, 0, last, 4, 5);
  script.read(0, 0, old, 6, 7);
  Convergence convergence = converge(script.take());
  EXPECT_EQ(convergence.keys[0].end, KeyEnd::differs);
  EXPECT_EQ(convergence.keys[0].last_reads.size(), 2U);
}

TEST(Converge, reads_before_the_last_write_ended_are_not_final) {
  RegisterScript script;
  Index old = script.write(0, 0, 0, 1);
  Index last = script.write(0, 0, 2, 5);
  script.read(1, 0, old, 3, 4);
  script.read(2, 0, last, 6, 7);
  Convergence convergence = converge(script.take());
  EXPECT_EQ(convergence.keys[0].end, KeyEnd::one_process);
  EXPECT_EQ(convergence.finding.outcome, Outcome::unknown);
}

TEST(Converge, without_final_reads_nothing_is_known) {
  RegisterScript script;
  Index only = script.write(0, 0, 0, 1);
  script.read(0, 0, only, 2, 3);
  script.read(1, 0, only, 4, 5);
  Registers registers = script.take();
  EXPECT_EQ(converge(registers).finding.outcome, Outcome::holds);
  Convergence later = converge(registers, {.quiet = {6, 6'000}});
  EXPECT_EQ(later.finding.outcome, Outcome::unknown);
  EXPECT_EQ(later.keys[0].end, KeyEnd::no_finale);
  Convergence never = converge(registers, {.unrest = "It was never healed."});
  EXPECT_EQ(never.finding.outcome, Outcome::unknown);
  EXPECT_EQ(never.finding.reason, "It was never healed.");
}

TEST(Converge, the_bound_leaves_time) {
  RegisterScript script;
  Index old = script.write(0, 0, 0, 3);
  Index last = script.write(1, 0, 1, 2);
  script.read(0, 0, old, 10, 11);
  script.read(0, 0, last, 20, 21);
  script.read(1, 0, last, 22, 23);
  Registers registers = script.take();
  EXPECT_EQ(converge(registers, {}, microseconds(7)).finding.outcome, Outcome::refuted);
  Convergence convergence = converge(registers, {}, microseconds(8));
  EXPECT_EQ(convergence.finding.outcome, Outcome::holds);
  EXPECT_EQ(convergence.keys[0].agreed_after, 8'000);
}

TEST(Converge, nil_in_spite_of_an_acknowledged_write_is_refuted) {
  for (bool acknowledged : {true, false}) {
    RegisterScript script;
    script.write(0, 0, 0, acknowledged ? 1U : weak::never);
    script.read(0, 0, weak::initial, 2, 3);
    script.read(1, 0, weak::initial, 4, 5);
    Convergence convergence =
        converge(script.take(), acknowledged ? Ending{} : given_up(1));
    EXPECT_EQ(convergence.keys[0].end, acknowledged ? KeyEnd::lost : KeyEnd::unwritten);
    EXPECT_EQ(convergence.finding.outcome, acknowledged ? Outcome::refuted : Outcome::unknown);
  }
}

TEST(Converge, a_causally_overwritten_value_is_refuted_and_one_old_in_real_time_is_not) {
  for (bool causal : {true, false}) {
    RegisterScript script;
    Index old = script.write(0, 0, 0, 1);
    Index message = script.write(0, 1, 2, 3);
    if (causal) script.read(1, 1, message, 4, 5);
    script.write(1, 0, 6, 7);
    script.read(2, 0, old, 8, 9);
    script.read(3, 0, old, 10, 11);
    Convergence convergence = converge(script.take());
    EXPECT_EQ(convergence.keys[0].end, causal ? KeyEnd::overwritten : KeyEnd::converged);
    EXPECT_TRUE(convergence.keys[0].old_in_real_time);
    EXPECT_EQ(convergence.finding.outcome, causal ? Outcome::refuted : Outcome::holds);
  }
}

TEST(Converge, a_write_that_took_effect_late_explains_a_difference) {
  RegisterScript script;
  Index sure = script.write(0, 0, 0, 1);
  Index open = script.write(1, 0, 2);
  script.read(2, 0, sure, 4, 5);
  script.read(3, 0, open, 6, 7);
  Registers first_round = script.take();
  Convergence convergence = converge(first_round, given_up(3));
  EXPECT_EQ(convergence.keys[0].end, KeyEnd::late);
  EXPECT_EQ(convergence.finding.outcome, Outcome::unknown);
  script.read(2, 0, open, 20, 21);
  script.read(3, 0, open, 22, 23);
  EXPECT_EQ(converge(script.take(), given_up(3)).keys[0].end, KeyEnd::converged);
}

TEST(Converge, a_late_write_must_spread_within_the_bound_where_there_is_one) {
  RegisterScript script;
  Index sure = script.write(0, 0, 0, 1);
  Index open = script.write(1, 0, 2);
  script.read(2, 0, sure, 14, 15);
  script.read(3, 0, open, 16, 17);
  script.read(2, 0, sure, 30, 31);
  script.read(3, 0, open, 32, 33);
  Registers registers = script.take();
  EXPECT_EQ(converge(registers, given_up(3), microseconds(0)).keys[0].end, KeyEnd::late);
  EXPECT_EQ(converge(registers, given_up(3), microseconds(5)).keys[0].end, KeyEnd::differs);
}

TEST(Converge, a_late_write_does_not_explain_two_older_values) {
  RegisterScript script;
  Index a = script.write(0, 0, 0, 2);
  Index b = script.write(1, 0, 1, 3);
  Index open = script.write(4, 0, 4);
  script.read(2, 0, a, 6, 7);
  script.read(3, 0, b, 8, 9);
  script.read(3, 0, open, 10, 11);
  EXPECT_EQ(converge(script.take(), given_up(5)).keys[0].end, KeyEnd::differs);
}

TEST(Converge, a_write_of_unknown_outcome_that_was_seen_before_must_have_spread) {
  RegisterScript script;
  Index sure = script.write(0, 0, 0, 1);
  Index open = script.write(1, 0, 2);
  script.read(3, 0, open, 4, 5);
  script.read(2, 0, sure, 7, 8);
  script.read(3, 0, open, 9, 10);
  EXPECT_EQ(converge(script.take(), given_up(6)).keys[0].end, KeyEnd::differs);
}

TEST(Converge, a_write_that_was_open_until_the_end_leaves_no_finale) {
  RegisterScript script;
  Index sure = script.write(0, 0, 0, 1);
  script.read(2, 0, sure, 7, 8);
  script.read(3, 0, sure, 9, 10);
  Registers registers = script.take();
  EXPECT_EQ(converge(registers).keys[0].end, KeyEnd::converged);
  Convergence open = converge(registers, {.given_up = {not_yet}});
  EXPECT_EQ(open.keys[0].end, KeyEnd::open);
  EXPECT_EQ(open.finding.outcome, Outcome::unknown);
}

TEST(Converge, past_its_limits_nothing_is_known_of_old_values) {
  RegisterScript script;
  Index old = script.write(0, 0, 0, 1);
  script.write(1, 0, 6, 7);
  script.read(2, 0, old, 8, 9);
  script.read(3, 0, old, 10, 11);
  Registers registers = script.take();
  Ending ending{.processes = {0, 1, 2, 3}};
  std::atomic<bool> stop{true};
  Convergence convergence = converge(registers, Clusters(registers), ending,
                                     std::chrono::nanoseconds(0), {.stop = &stop});
  EXPECT_EQ(convergence.keys[0].end, KeyEnd::undecided);
  EXPECT_EQ(convergence.finding.outcome, Outcome::unknown);
}

/// Whether a write of the key is causally after another, by walking every way.
bool overwritten(const Registers& registers, Index write) {
  std::vector<bool> seen(registers.size());
  std::function<bool(Index)> walk = [&](Index at) {
    if (seen[at]) return false;
    seen[at] = true;
    const Operation& operation = registers[at];
    if (at != write && operation.is_write() && operation.key == registers[write].key) return true;
    bool last = at + 1 == registers.size() || !registers.has_previous(at + 1);
    if (!last && walk(at + 1)) return true;
    for (Index i = 0; i < registers.size(); ++i) {
      if (registers[i].is_read() && registers[i].source == at && walk(i)) return true;
    }
    return false;
  };
  return walk(write);
}

TEST(Converge, overwritten_values_are_found_as_by_walking_every_way) {
  Rng rng(1, Stream::of("overwritten"));
  int met[2] = {0, 0};
  for (int i = 0; i < 20'000 && !testing::Test::HasFailure(); ++i) {
    Drawn drawn{.operations = 14, .keys = 3, .reads_per_mille = 500};
    drawn.future_per_mille = i % 4 == 0 ? 200 : 0;
    Registers registers = draw_registers(rng, drawn);
    // Two more processes agree on a random write of key 0.
    std::vector<Index> writes;
    for (Index w = 0; w < registers.size(); ++w) {
      if (registers[w].is_write() && registers[w].key == 0) writes.push_back(w);
    }
    if (writes.empty()) continue;
    Index value = writes[rng.below(writes.size())];
    for (std::uint32_t reader : {0U, 1U}) {
      registers.operations.push_back({.session = static_cast<std::uint32_t>(registers.sessions()),
                                      .source = value,
                                      .invoked = 100 + 2 * reader,
                                      .returned = 101 + 2 * reader});
      registers.session_begin.push_back(static_cast<Index>(registers.size()));
    }
    bool wanted = overwritten(registers, value);
    KeyEnd end = converge(registers, {.quiet = {99, 0}}).keys[0].end;
    EXPECT_EQ(end, wanted ? KeyEnd::overwritten : KeyEnd::converged) << "history " << i;
    ++met[wanted ? 1 : 0];
  }
  EXPECT_GT(met[0], 1000);
  EXPECT_GT(met[1], 1000);
}

}  // namespace
}  // namespace sunder::staleness
