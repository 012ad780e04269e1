#include "tests/checker/weak/support/agreement.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/checker/weak/support/small_registers.h"

namespace sunder::testing_support {
namespace {

using namespace weak;

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
  if (why == Why::causality) return "";
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

std::string disagreement(const Registers& registers, const Finding& finding, Define define) {
  bool expected = define(registers);
  if (finding.outcome == Outcome::unknown) return "unknown: " + finding.reason;
  if ((finding.outcome == Outcome::holds) != expected) {
    return expected ? "is refuted" : "is accepted";
  }
  if (expected) return "";
  if (finding.core.empty() || define(part_of(registers, finding.core))) return "the core holds";
  if (finding.circle.empty() && finding.reason.empty()) return "nothing is told";
  return flaw_of_circle(registers, finding);
}

}  // namespace

void compare_with_definition(Decide decide, Define define, std::uint64_t larger_share) {
  struct Size {
    std::int64_t least;
    std::int64_t most;
    std::uint64_t share;  // one in so many
  };
  for (auto [least, most, share] : {Size{4, 7, 1}, Size{10, 14, larger_share}}) {
    std::uint64_t total = histories_each() / share;
    std::uint64_t refuted = 0;
    for (std::uint64_t seed = 0; seed < total; ++seed) {
      Registers registers = small_registers(seed, least, most);
      Finding finding = decide(registers, Limits{});
      ASSERT_EQ(disagreement(registers, finding, define), "") << "seed " << seed << "\n"
                                                              << text_of(registers);
      refuted += finding.outcome == Outcome::refuted ? 1 : 0;
    }
    EXPECT_GT(refuted, total / 30);
    EXPECT_LT(refuted, total * 29 / 30);
  }
}

}  // namespace sunder::testing_support
