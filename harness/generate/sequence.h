#pragma once
// One after the other, again and again, only so many, only if.

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "harness/api/generator.h"

namespace sunder::gen {

inline constexpr std::uint64_t for_ever = std::numeric_limits<std::uint64_t>::max();

/// Each of them until it ends, without waiting for ops under way in between. Events go to the one
/// whose turn it is.
Generator sequence(std::vector<Generator> generators);
/// Holds back until every thread that it sees is free.
Generator synchronize(Generator generator);
/// Like sequence, but each begins only when all threads are free.
Generator phases(std::vector<Generator> generators);
/// `first`, and when it has ended and all threads are free, `second`.
Generator then(Generator first, Generator second);

/// At most `count` ops.
Generator limit(std::uint64_t count, Generator generator);
Generator once(Generator generator);
/// Its present next op again and again, never moving on.
Generator repeat(Generator generator, std::uint64_t count = for_ever);
/// All of it, and again from the start each time it has ended. Ends when a fresh one has nothing.
Generator cycle(Generator generator, std::uint64_t times = for_ever);
/// Goes on until one of its ops completes as `enough` says. Give it a repeat or a cycle.
Generator until(std::function<bool(const Op& completion)> enough, Generator generator);
Generator until_ok(Generator generator);

/// All of `gate`; when it has ended, its ops have completed and every one of them was ok,
/// `guarded`. Else nothing more: final reads must not run after a recovery that was not proved.
Generator only_after_ok(Generator gate, Generator guarded);

}  // namespace sunder::gen
