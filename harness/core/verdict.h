#pragma once
// What a checker concludes. Never a bool: out of time, memory or evidence is `unknown`.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.h"
#include "harness/core/value.h"

namespace sunder {

/// Ordered by how loud it is: merging keeps the loudest, so unknown never hides invalid.
enum class Validity : std::uint8_t { valid, unknown, invalid };
std::string_view to_string(Validity validity);
inline Validity merge(Validity a, Validity b) { return a > b ? a : b; }

/// One broken rule, with the ops that prove it.
struct Anomaly {
  std::string name;                // the field's word for it, "nonlinearizable"
  std::string explanation;         // whole sentences for people
  std::vector<std::uint64_t> ops;  // indexes into the history, ascending
  Value detail;                    // what a report draws: depends on the name
};

struct Verdict {
  std::string checker;   // who says so: "linearizable", "availability", "run"
  Validity validity = Validity::unknown;
  std::string summary;   // one sentence
  std::vector<Anomaly> anomalies;  // empty unless invalid
  Value detail;          // figures of the checker
  std::vector<Verdict> parts;

  /// The verdict of several checkers together: the worst part wins; no part at all is unknown.
  static Verdict all_of(std::string checker, std::vector<Verdict> parts);
};

Value to_value(const Verdict& verdict);
Result<Verdict> verdict_from(const Value& value);

}  // namespace sunder
