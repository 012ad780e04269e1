#pragma once
// Small random histories of every datatype: some right, some spoilt, some nonsense.

#include <string>
#include <vector>

#include "harness/core/history.h"
#include "harness/core/rng.h"
#include "tests/checker/support/datatype_calls.h"

namespace sunder::testing_support {

struct PossibleAnswer {
  Value value;
  Phase phase = Phase::ok;
  std::string error{};
};

/// A call and all answers that it may get, right or wrong.
struct Asked {
  std::string verb;
  Value arguments;
  std::vector<PossibleAnswer> answers;
};

/// What clients ask of a datatype, with so few values that calls often meet.
struct SmallLoad {
  std::string datatype;
  std::vector<OptionTexts> options;  // one of them is used
  /// A call. Where `fresh` is not 0, it is what a call puts in, if there is a choice.
  Asked (*ask)(Rng& rng, int fresh);
};

/// One for each datatype, in order of their names.
const std::vector<SmallLoad>& small_loads();

struct SmallHistory {
  OptionTexts options;
  History history;
  bool right = false;  // linearizable by construction
};

/// Two to seven operations of two to four processes, by seed: what a right object did; the same
/// with an answer or two changed or events swapped; or answers without any object. In most
/// histories some calls crash, before their effect, after it, or long before it; in half of them
/// every value is put in only once.
SmallHistory small_history(const SmallLoad& load, std::uint64_t seed);

}  // namespace sunder::testing_support
