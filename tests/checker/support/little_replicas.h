#pragma once
// Histories of little replicated objects that gossip at random, with witnesses: right by
// construction, as long as no flaw is asked for.

#include <string>
#include <vector>

#include "harness/core/history.h"
#include "harness/core/rng.h"

namespace sunder::testing_support {

enum class LittleKind { lww_register, mv_register, g_counter, pn_counter, g_set, or_set, list };
inline constexpr LittleKind little_kinds[] = {LittleKind::lww_register, LittleKind::mv_register,
                                              LittleKind::g_counter,    LittleKind::pn_counter,
                                              LittleKind::g_set,        LittleKind::or_set,
                                              LittleKind::list};
std::string datatype_of(LittleKind kind);  // "crdt-or-set"

enum class LittleFlaw {
  none,
  always_nil,      // every read finds nothing
  converges_nil,   // final reads find nothing
  drops_second,    // every second update is counted and forgotten
  client_merges,   // a client adds what it had read before to what it reads
  forgets_witness  // replies claim that nothing was seen
};

struct LittleLoad {
  LittleKind kind = LittleKind::or_set;
  LittleFlaw flaw = LittleFlaw::none;
  std::size_t operations = 100;
  int replicas = 3;
  int processes = 5;
  std::int64_t domain = 8;   // elements of sets; values of registers, 0: each is written once
  std::int64_t length = 12;  // of documents, about
  bool causal = true;        // what an update saw arrives before it; always so for lists
  bool witness = true;
  bool logs = true;    // updates have tags, and replicas are asked for their logs
  bool finale = true;  // all replicas are read after everything has spread
  int skew = 0;        // clocks of replicas differ by up to this much
  std::uint32_t info_per_mille = 20;
  std::uint32_t fail_per_mille = 20;
  std::uint32_t gossip_per_mille = 500;
};

/// The ops in order, as they can still be changed.
std::vector<Op> little_history(std::uint64_t seed, const LittleLoad& load);
History built(const std::vector<Op>& ops);

}  // namespace sunder::testing_support
