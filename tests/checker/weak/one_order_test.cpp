// The models of one order: what is decided of small random histories is what the definitions say.
// SUNDER_AGREEMENT=1000000 tries that many of each model.

#include <gtest/gtest.h>

#include <cstdlib>

#include "checker/weak/decide.h"
#include "tests/checker/weak/support/builder.h"
#include "tests/checker/weak/support/families.h"
#include "tests/checker/weak/support/small_registers.h"

namespace sunder {
namespace {

using namespace weak;
using namespace testing_support;

using Decide = Finding(const Registers&, const Limits&);
using Define = bool(const Registers&);

std::uint64_t histories_each() {
  const char* wanted = std::getenv("SUNDER_AGREEMENT");
  return wanted == nullptr ? 200'000 : std::strtoull(wanted, nullptr, 10);
}

// What is wrong with a constraint of a circle; empty if nothing is.
std::string flaw_of(const Registers& registers, const Constraint& constraint) {
  auto [before, after, why, because] = constraint;
  if (before == initial || after == initial) return "names the initial write";
  const Operation& a = registers[before];
  const Operation& b = registers[after];
  bool holds = false;
  if (why == Why::session) holds = a.session == b.session && before < after;
  if (why == Why::reads_from) holds = b.is_read() && b.source == before;
  if (why == Why::real_time) holds = a.returned < b.invoked;
  if (why == Why::antidependency) holds = a.is_read() && b.is_write() && a.source != after;
  if (why == Why::overwritten) {
    holds = a.is_write() && b.is_write() && because != initial && registers[because].is_read() &&
            registers[because].source == after;
  }
  if (why != Why::session && why != Why::real_time) holds = holds && a.key == b.key;
  return holds ? "" : "constraint of kind " + std::to_string(static_cast<int>(why)) + " is wrong";
}

std::string flaw_of_circle(const Registers& registers, const Finding& finding) {
  for (std::size_t i = 0; i < finding.circle.size(); ++i) {
    const Constraint& next = finding.circle[(i + 1) % finding.circle.size()];
    if (finding.circle[i].after != next.before) return "the circle is broken";
    if (std::string flaw = flaw_of(registers, finding.circle[i]); !flaw.empty()) return flaw;
  }
  return "";
}

std::string disagreement(const Registers& registers, Decide decide, Define define) {
  bool expected = define(registers);
  Finding finding = decide(registers, Limits{});
  if (finding.outcome == Outcome::unknown) return "unknown: " + finding.reason;
  if ((finding.outcome == Outcome::holds) != expected) {
    return expected ? "is refuted" : "is accepted";
  }
  if (expected) return "";
  if (finding.core.empty() || define(part_of(registers, finding.core))) return "the core holds";
  if (finding.circle.empty() == finding.reason.empty()) return "neither circle nor reason, or both";
  return flaw_of_circle(registers, finding);
}

void compare(Decide decide, Define define, bool likely_circle = true) {
  std::uint64_t total = histories_each();
  std::uint64_t refuted = 0;
  std::uint64_t circles = 0;
  for (std::uint64_t seed = 0; seed < total; ++seed) {
    Registers registers = small_registers(seed);
    ASSERT_EQ(disagreement(registers, decide, define), "") << "seed " << seed << "\n"
                                                           << text_of(registers);
    Finding finding = decide(registers, Limits{});
    refuted += finding.outcome == Outcome::refuted ? 1 : 0;
    circles += finding.circle.empty() ? 0 : 1;
  }
  EXPECT_GT(refuted, total / 10);
  EXPECT_LT(refuted, total * 9 / 10);
  EXPECT_TRUE(!likely_circle || circles > refuted / 2);
  testing::Test::RecordProperty("refuted", std::to_string(refuted));
  testing::Test::RecordProperty("circles", std::to_string(circles));
}

TEST(Sequential, agrees_with_its_definition) { compare(decide_sequential, is_sequential); }

TEST(OrderedSequential, agrees_with_its_definition) {
  compare(decide_ordered_sequential, is_ordered_sequential);
}

TEST(ConsistentPrefix, agrees_with_its_definition) {
  compare(decide_consistent_prefix, is_consistent_prefix);
}

TEST(Sequential, of_nothing_holds) {
  EXPECT_EQ(decide_sequential(Registers{}, Limits{}).outcome, Outcome::holds);
}

}  // namespace
}  // namespace sunder
