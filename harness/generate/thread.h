#pragma once
// Who performs ops: generators that see only some of the threads, or one copy for each.

#include <functional>
#include <utility>
#include <vector>

#include "harness/api/generator.h"

namespace sunder::gen {

/// `generator` sees only the threads that match, and only their events.
Generator on_threads(std::function<bool(Thread)> matches, Generator generator);
Generator on_thread(Thread thread, Generator generator);
Generator clients(Generator generator);
/// All threads that are not clients: the nemeses, and the run's control.
Generator nemesis(Generator generator);

/// The first `count` client threads for the first generator, the next ones for the second ..., and
/// all that are left, nemeses included, for `others`.
struct Reservation {
  int count = 0;
  Generator generator;
};
Generator reserve(std::vector<Reservation> reservations, Generator others);

/// A copy of its own for each thread; ends when every copy has ended.
Generator each_thread(Generator generator);
/// A copy of its own for each process: a thread starts afresh after an info.
Generator each_process(Generator generator);

/// Ends when one more process than this would perform an op. Bounds how many ops of unknown outcome
/// a checker has to carry through the history of one key.
Generator process_limit(int count, Generator generator);

}  // namespace sunder::gen
