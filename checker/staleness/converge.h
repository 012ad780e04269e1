#pragma once
// Whether all saw the same in the end, and whether that was worth agreeing on: the liveness of
// eventual consistency, as far as a history can show it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checker/staleness/clusters.h"
#include "checker/weak/finding.h"

namespace sunder::staleness {

/// What must be known of a history beside its registers.
struct Ending {
  /// From here on nothing was disturbed (FaultWatch::quiet).
  Moment quiet{-1, 0};
  /// Why there is no such moment; empty when there is.
  std::string unrest;
  /// By key: when the last write of unknown outcome was given up, whether it was read or not;
  /// {-1, 0} when there was none, not_yet when one was still open at the end. May be empty: none.
  std::vector<Moment> given_up;
  std::vector<std::int32_t> processes;  // by session
};

/// How a key ended.
enum class KeyEnd : std::uint8_t {
  converged,    // the final reads of several processes agree on a value that nothing overwrote
  differs,      // final reads returned several values: refuted
  lost,         // they agree on the initial value, though a write surely happened: refuted
  overwritten,  // they agree on a value that another write of the key is causally after: refuted
  late,         // they differ, but a write of unknown outcome may have taken effect meanwhile
  one_process,  // all final reads were of one process, so nothing shows that others agree
  no_finale,    // no read was invoked late enough
  open,         // a write of the key had not ended when the history did
  unwritten,    // nothing surely happened to the key
  undecided,    // past the limits
};
std::string_view to_string(KeyEnd end);
bool refuted(KeyEnd end);

struct FinalRead {
  Index read = 0;
  std::int32_t process = 0;
};

struct KeyEnding {
  std::int32_t key = 0;
  KeyEnd end = KeyEnd::no_finale;
  std::uint32_t reads = 0;    // in the finale
  /// Of the finale, the last read of each process: what the replicas behind them differ on.
  /// Only when the key is refuted or late.
  std::vector<FinalRead> last_reads;
  Index value = weak::initial;     // the source that the final reads agree on
  Index overwriter = weak::initial;  // of `overwritten`: a write that is causally after it
  /// The agreed value was overwritten in real time, which eventual consistency does not forbid.
  bool old_in_real_time = false;
  /// From the moment when the key's writes had ended and all was quiet to the return of the last
  /// read that differs from what all later ones returned: the key took at least about so long to
  /// converge. Nothing when fewer than two processes were seen to agree.
  std::optional<std::int64_t> agreed_after;
};

struct Convergence {
  /// Refuted where one key is; else unknown where one is late or undecided, or none converged.
  /// Keys that were not read in the end say nothing, and `reason` tells how many these are.
  weak::Finding finding;
  std::vector<KeyEnding> keys;
};

/// The finale of a key is the reads invoked at least `within` after the key's writes had ended and
/// all was quiet. A write that was answered ok ends with its answer, one of unknown outcome when it
/// is given up. The latter may take effect even later: where it was first read only after that, and
/// without it the final reads agree, the finale begins anew `within` after that read. If the reads
/// then still differ, it is refuted only when `within` is positive, because nobody promised how
/// fast a write spreads.
/// The agreed value must be a write that no other write of the key is causally after (in session
/// order and reads-from). Eventual consistency knows no real time: a value that was overwritten
/// only in real time is reported, not refuted.
/// Near-linear, but for keys that agree on a value old in real time: each needs a search of the
/// operations between, until the limits are reached.
Convergence converge(const Registers& registers, const Clusters& clusters, const Ending& ending,
                     std::chrono::nanoseconds within, const weak::Limits& limits);

}  // namespace sunder::staleness
