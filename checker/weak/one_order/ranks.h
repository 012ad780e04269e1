#pragma once
// In which order writes are tried: a guess at when they took effect.

#include "checker/weak/one_order/lessons.h"

namespace sunder::weak::one_order {

/// Each operation's depth in what is known to come before it (early) and before what is known to
/// come after it (late), or what is between. A session's first operations are known to follow
/// nothing, and its last ones to precede nothing; as sessions go on evenly, the first are taken to
/// be not much before the next ones, and the last not much after the ones before.
enum class Guess : std::uint8_t { early, late, middle };

/// Ranks by slot. Only lessons of one pair count. No answer depends on them, only the time it
/// takes.
std::vector<std::uint32_t> guess_ranks(const Instance& instance, const Lessons& lessons,
                                       Guess guess);

}  // namespace sunder::weak::one_order
