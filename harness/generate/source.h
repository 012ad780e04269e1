#pragma once
// Where ops come from.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/generator.h"
#include "harness/core/rng.h"

namespace sunder::gen {

/// What an op says before it has a time and a process.
struct Draft {
  std::string verb;
  Value value{};
};

/// One op, on any free thread, at once.
Generator op(std::string verb, Value value = {});
/// These ops one after the other; the next may begin before the one before has completed.
Generator ops(std::vector<Draft> drafts);

/// Makes the next op, or nullopt when there are no more. All of its randomness must come from the
/// Rng: it is asked again for an op that was not used, with the same draws.
using MakeDraft = std::function<std::optional<Draft>(const Context&, Rng&)>;
Generator drawn(Rng rng, MakeDraft make);

/// Keeps one thread busy for a while. Not in the history.
Generator sleep(Duration pause);
/// Prints a line. Not in the history, and takes no time.
Generator log(std::string line);

}  // namespace sunder::gen
