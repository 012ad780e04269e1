#pragma once
// What a monitor concludes about the operations of one partition.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/linearizable/call.h"

namespace sunder::linearizable {

/// A combination of operations that no linearizable history holds.
struct Pattern {
  std::string name;                       // "fifo-inversion"; verify_pattern() knows each name
  std::string theorem;                    // where it is proved
  std::vector<std::uint32_t> operations;  // indexes of operations, in the order the name defines
  std::string explanation;                // a sentence of general words: what contradicts what
};

struct Decision {
  enum class Outcome : std::uint8_t {
    linearizable,      // `order` is a witness, when one was asked for
    not_linearizable,  // `pattern` says why
    undecided,         // not a history that this monitor can judge: the general search must
  };
  Outcome outcome = Outcome::undecided;
  std::vector<std::uint32_t> order;  // indexes of operations; crashed ones that never took effect
                                     // are left out
  /// Answers that crashed calls gave in the witness: (index of the operation, its output).
  std::vector<std::pair<std::uint32_t, std::int32_t>> assigned;
  Pattern pattern;
};

/// Exact for the histories it accepts, in near-linear time. The operations are those of one
/// partition, in order of invocation. `wants_order`: build the witness too.
using Monitor = Decision (*)(std::span<const Operation> operations, bool wants_order);

/// Checks by itself, on the full history, that a pattern is there and is forbidden. It shares no
/// code with the monitors: certificates are verified by it.
struct PatternRule {
  std::string_view name;
  std::string_view theorem;
  /// Empty when the cited operations prove what the name says; else what is wrong with them.
  std::string (*disprove)(std::span<const Operation> all, std::span<const std::uint32_t> cited);
};

}  // namespace sunder::linearizable
