#pragma once
// A reference node that speaks Maelstrom's protocol over standard input and output.

#include <filesystem>
#include <string>

#include "harness/api/system.h"
#include "harness/real/stdio/speech.h"

namespace sunder::stdio {

struct Setup {
  const System* system = nullptr;  // a reference system
  SystemConfig config;
  Spoken spoken;
  std::filesystem::path data;  // a folder for all nodes, each in one of its own; empty: in memory
  Duration time_limit{0};      // of one request
  std::uint64_t seed = 0;
  std::uint64_t boot = 0;      // drawn afresh at every start
};

/// Runs the node that the first `init` names, until standard input ends or SIGTERM or SIGINT comes.
/// Requests under way at the end of input are given a second more. Nodes talk to each other by
/// letters whose bodies are the protocol's own messages; those of the clients that stand in for
/// Maelstrom's travel inside "sunder_client". Errors: the data folder is unusable or damaged, the
/// disk failed underway, or nobody reads standard output.
Status run(const Setup& setup);

}  // namespace sunder::stdio
