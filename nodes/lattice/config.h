#pragma once
// How one run wants its replicated objects: options and flaws of the systems made of them.

#include "harness/api/system.h"

namespace sunder::lattice {

/// One switch each; `mvr` and `crdt` say what each does and who shipped it.
struct Flaws {
  bool ack_before_sync = false;
  bool sent_once = false;            // what a push does not bring never comes
  bool applied_again = false;        // a retry is carried out again
  bool gaps_joined = false;          // parts are joined whatever they build on
  // Counters.
  bool entries_summed = false;       // a node's entries are added up when joined
  bool net_by_maximum = false;       // a node's entry is one signed number
  bool own_entry_forgotten = false;  // it counts from 0 after a restart
  // Sets.
  bool removes_by_element = false;   // a remove takes all adds of its element
  bool present_not_added = false;    // an add of what is there does nothing
  bool removes_forgotten = false;    // after a while what was removed is new again
  // Registers.
  bool coarse_stamps = false;        // milliseconds alone decide
  bool one_clock = false;            // a write replaces all that its replica holds
  bool own_clock_only = false;       // a write knows of its own replica's writes alone
  bool clock_forgotten = false;      // counts begin anew after a restart
  bool siblings_repeated = false;    // equal clocks are not recognised
  bool text_ids = false;             // a copied clock has its counts under other names
  bool text_order = false;           // clocks are compared by their text, in order of insertion
  bool no_comparison = false;        // what is there cannot be compared with what comes
  bool stale_context_keeps_all = false;  // one vector for all siblings
  bool past_truncated = false;       // two entries of a clock are kept
  bool one_sibling = false;          // of concurrent values only one is kept
  bool context_forgotten = false;    // by clients
};

struct Config {
  Flaws flaws;
  Duration interval{0};            // between digests to one peer, drawn each time
  bool push = true;                // updates go to all at once, not by digests alone
  bool wall_stamps = false;        // stamps are the wall clock's, above own ones only
  std::int64_t compact_every = 0;  // records
};

struct ClientConfig {
  std::string datatype;
  bool pinned = true;  // always the home server; else any server, drawn for each op
  bool forgets_context = false;
  Duration retry_after = std::chrono::milliseconds(400);
};

std::vector<OptionSpec> common_options();
/// The options into a configuration whose flaws are set.
Config with_options(Config config, const Options& options);
bool pinned(const Options& options);

using MakeConfig = std::function<Config(const SystemConfig&)>;
/// Messages, nodes, clients and invariants; the rest of the system is the caller's.
void use_objects(System& system, MakeConfig config);

}  // namespace sunder::lattice
