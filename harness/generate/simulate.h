#pragma once
// Plays a generator offline in virtual time against an imagined system: what a test of a generator
// needs, and a dry run of a workload.

#include <functional>
#include <string>
#include <vector>

#include "harness/api/generator.h"

namespace sunder::gen {

/// How the imagined system ends an op.
struct Answer {
  Phase phase = Phase::ok;
  Duration latency{10};
};
using Answers = std::function<Answer(const Op& invocation)>;

Answers perfect();  // everything is ok after 10 ns
Answers failing();  // everything fails after 10 ns
Answers lost();     // everything is info after 10 ns: each op costs a process

struct Play {
  std::vector<Op> history;          // invocations and completions, in order
  std::vector<std::string> logged;  // lines of gen::log
  bool stuck = false;               // the generator waited although nothing was under way

  std::vector<Op> invocations() const;
};

struct Seats {
  int clients = 3;
  int nemeses = 1;
};

/// The rules are those of the run loop. Stops after `max_invocations`, when nothing is left, or
/// when the generator is stuck.
Play simulate(Generator generator, Seats seats, Answers answers,
              std::size_t max_invocations = 100'000);

/// "0 0 invoke read nil": time in nanoseconds, process, phase, verb, value as EDN; one op a line.
std::string print(const std::vector<Op>& ops);

}  // namespace sunder::gen
