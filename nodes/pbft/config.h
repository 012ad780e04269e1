#pragma once
// How one run wants PBFT: its options, its liars, and its flaws.

#include "harness/api/flaw_switches.h"

namespace sunder::pbft {

/// One switch each; `flaws()` says what each does and who shipped it.
struct Flaws {
  bool votes_without_sender = false;
  bool votes_of_any_digest = false;
  bool primary_must_prepare = false;
  bool pre_prepare_overwrites = false;
  bool executes_per_commit = false;
  bool primary_forgets_own = false;
  bool no_view_change = false;
  bool no_checkpoint = false;
  bool first_reply_believed = false;
  bool no_deduplication = false;
  bool quorum_of_three_f = false;
  bool authenticators_unchecked = false;
  bool requests_unchecked = false;
  bool requests_with_macs = false;
  bool votes_not_persisted = false;
  bool reply_when_prepared = false;
  bool read_only_with_few = false;
  bool new_view_drops_prepared = false;
  bool new_view_unchecked = false;
  bool claims_without_witness = false;
  bool state_unchecked = false;
};

/// What a liar does with what the protocol would have it say.
enum class Lie : std::uint8_t {
  equivocate,
  wrong_digest,
  silence,
  replay,
  delay,
  forged_view_change,
  wrong_reply,
  impersonate,
  mac_attack,
  mixed,
};

struct Config {
  Flaws flaws;
  Duration batch_delay{0};
  std::size_t batch_max = 0;           // requests
  std::int64_t checkpoint_every = 0;   // sequence numbers; twice that is the log
  Duration view_timeout{0};            // of the first view change; doubles while none succeeds
  Duration client_retry{0};
  Lie lie = Lie::mixed;
  int liars = 0;
  int twins = 0;
  bool faulty_first = false;           // the faulty nodes are the first, not the last
  Duration lie_delay{0};
};

std::vector<FlawSwitch<Flaws>> flaw_switches();

std::vector<OptionSpec> options();
std::vector<Flaw> flaws();
Config config_from(const SystemConfig& wanted);

/// Whether this node is one of the first so many that are faulty in a cluster of so many.
bool is_among(const Config& config, int faulty, NodeId node, std::size_t nodes);

/// How many faulty replicas so many withstand, and how many make a quorum: any two quorums have
/// f + 1 replicas in common, one of them correct.
constexpr std::size_t faults_of(std::size_t nodes) { return nodes == 0 ? 0 : (nodes - 1) / 3; }
constexpr std::size_t quorum_of(std::size_t nodes) { return (nodes + faults_of(nodes) + 2) / 2; }

}  // namespace sunder::pbft
