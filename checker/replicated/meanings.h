#pragma once
// Dots that were seen and that neither a reply nor a log explains: each is one of the updates whose
// reply was lost, but which?

#include "checker/replicated/answers.h"

namespace sunder::replicated {

/// Tries to deal the updates without a reply out to the holes, so that every answer is right. What
/// such an update saw (and its stamp) is guessed too. Empty when that was possible, or when
/// something was found; else why the object is undecided. `open`: the replies that saw holes.
/// Where guesses do not matter (counters, growing sets, the elements of lists) and all were tried,
/// their answers are refuted (unexplainable-answer). The object is as before afterwards.
std::string judge_holes(Object& object, const Updates& updates,
                        const std::vector<std::uint32_t>& open, const Demands& demands,
                        const Budget& budget, Findings& findings);

}  // namespace sunder::replicated
