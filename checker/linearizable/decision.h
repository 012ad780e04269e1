#pragma once
// What a monitor concludes about the operations of one partition.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "checker/linearizable/call.h"

namespace sunder::linearizable {

/// A combination of operations that no linearizable history holds.
struct Pattern {
  std::string name;                       // "fifo-inversion"; the datatype can disprove() each name
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

}  // namespace sunder::linearizable
