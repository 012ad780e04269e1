#include "checker/staleness/converge.h"

#include <algorithm>
#include <set>

#include "checker/staleness/causal_reach.h"

namespace sunder::staleness {
namespace {

using weak::Limits;
using weak::Outcome;

/// Reads of a key that may be final, and what they returned.
struct Finale {
  std::vector<Index> reads;
  std::set<Index> sources;
  std::set<std::int32_t> processes;
};

class Judge {
 public:
  Judge(const Registers& registers, const Clusters& clusters, const Ending& ending,
        std::chrono::nanoseconds within, const Limits& limits)
      : registers_(registers),
        clusters_(clusters),
        ending_(ending),
        within_(within.count()),
        limits_(limits),
        reach_(registers, clusters) {}

  KeyEnding judge(std::int32_t key) {
    KeyEnding ending{.key = key};
    std::optional<Moment> writes_ended = end_of_writes(key);
    if (!writes_ended) {
      ending.end = KeyEnd::open;
      return ending;
    }
    Moment last = std::max(*writes_ended, ending_.quiet);
    ending.agreed_after = agreed_after(key, last);
    Finale finale = finale_of(key, last, within_);
    if (finale.reads.empty()) {
      if (!surely_written(key, not_yet)) ending.end = KeyEnd::unwritten;
      return ending;
    }
    if (finale.sources.size() > 1) {
      settle_difference(ending, last, finale);
    } else {
      settle_agreement(ending, finale);
    }
    return ending;
  }

 private:
  /// Nothing when a write was still open when the history ended.
  std::optional<Moment> end_of_writes(std::int32_t key) const {
    auto at = static_cast<std::size_t>(key);
    Moment given_up = at < ending_.given_up.size() ? ending_.given_up[at] : Moment{};
    Moment last = given_up;
    for (const Cluster& cluster : clusters_.of_key(key)) {
      if (cluster.write == weak::initial) continue;
      Moment end = completion(registers_[cluster.write]);
      // Of unknown outcome, and nobody told when it was given up.
      if (end == not_yet && given_up == Moment{}) return {};
      if (end != not_yet) last = std::max(last, end);
    }
    if (last == not_yet) return {};
    return last;
  }

  Finale finale_of(std::int32_t key, Moment last, std::int64_t margin) const {
    Finale finale;
    std::span<const Index> reads = clusters_.reads_of_key(key);
    auto first = std::partition_point(reads.begin(), reads.end(), [&](Index i) {
      return invocation(registers_[i]) < last;
    });
    for (Index i : std::span(first, reads.end())) {
      const Operation& read = registers_[i];
      if (margin > 0 && elapsed(last, invocation(read)) < margin) continue;
      finale.reads.push_back(i);
      finale.sources.insert(read.source);
      finale.processes.insert(process(i));
    }
    return finale;
  }

  std::int32_t process(Index operation) const {
    return ending_.processes[registers_[operation].session];
  }

  /// Of unknown outcome, and not seen before.
  bool is_late(Index source, Moment last) const {
    return source != weak::initial && registers_[source].returned == weak::never &&
           last < settled(source);
  }
  Moment settled(Index write) const {
    return clusters_.of_key(registers_[write].key)[clusters_.cluster_of(write)].settled;
  }

  bool surely_written(std::int32_t key, Moment before) const {
    std::span<const Cluster> all = clusters_.of_key(key);
    return std::any_of(all.begin(), all.end(), [&](const Cluster& cluster) {
      return cluster.write != weak::initial && cluster.settled < before;
    });
  }

  void settle_difference(KeyEnding& ending, Moment last, const Finale& finale) {
    std::size_t steady = 0;
    Moment restart = last;
    for (Index source : finale.sources) {
      if (is_late(source, last)) {
        restart = std::max(restart, settled(source));
      } else {
        ++steady;
      }
    }
    if (steady > 1) return end_as(ending, KeyEnd::differs, finale);
    Finale rest = finale_of(ending.key, restart, within_);
    if (rest.sources.size() == 1 && rest.processes == finale.processes) {
      return settle_agreement(ending, rest);
    }
    if (rest.sources.size() > 1 && within_ > 0) return end_as(ending, KeyEnd::differs, rest);
    end_as(ending, KeyEnd::late, finale);
  }

  void settle_agreement(KeyEnding& ending, const Finale& finale) {
    ending.value = *finale.sources.begin();
    if (ending.value == weak::initial) {
      Moment begin = invocation(registers_[finale.reads.front()]);
      return end_as(
          ending, surely_written(ending.key, begin) ? KeyEnd::lost : KeyEnd::unwritten, finale);
    }
    std::span<const Cluster> all = clusters_.of_key(ending.key);
    ending.old_in_real_time = settled(ending.value) < all.back().invoked;
    KeyEnd end = finale.processes.size() > 1 ? KeyEnd::converged : KeyEnd::one_process;
    if (ending.old_in_real_time || !reach_.forward_in_time()) {
      CausalReach::Answer answer = reach_.overwriter_of(ending.value, limits_);
      ending.overwriter = answer.overwriter;
      if (answer.overwriter != weak::initial) {
        end = KeyEnd::overwritten;
      } else if (!answer.decided) {
        end = KeyEnd::undecided;
      }
    }
    end_as(ending, end, finale);
  }

  void end_as(KeyEnding& ending, KeyEnd end, const Finale& finale) const {
    ending.end = end;
    ending.reads = static_cast<std::uint32_t>(finale.reads.size());
    if (!refuted(end) && end != KeyEnd::late) return;
    std::set<std::int32_t> told;
    for (auto read = finale.reads.rbegin(); read != finale.reads.rend(); ++read) {
      if (told.insert(process(*read)).second) ending.last_reads.push_back({*read, process(*read)});
    }
    // One process may have seen both values.
    auto same = [&](const FinalRead& last) {
      return registers_[last.read].source == registers_[ending.last_reads.front().read].source;
    };
    if (finale.sources.size() < 2 || !std::all_of(ending.last_reads.begin(),
                                                  ending.last_reads.end(), same)) {
      return;
    }
    Index last = registers_[ending.last_reads.front().read].source;
    auto other = std::find_if(finale.reads.rbegin(), finale.reads.rend(),
                              [&](Index i) { return registers_[i].source != last; });
    ending.last_reads.push_back({*other, process(*other)});
  }

  std::optional<std::int64_t> agreed_after(std::int32_t key, Moment last) const {
    Finale all = finale_of(key, last, 0);
    std::set<std::int32_t> agreeing;
    for (auto read = all.reads.rbegin(); read != all.reads.rend(); ++read) {
      if (registers_[*read].source != registers_[all.reads.back()].source) {
        if (agreeing.size() < 2) return {};
        return elapsed(last, completion(registers_[*read]));
      }
      agreeing.insert(process(*read));
    }
    if (agreeing.size() < 2) return {};
    return 0;
  }

  const Registers& registers_;
  const Clusters& clusters_;
  const Ending& ending_;
  std::int64_t within_;
  const Limits& limits_;
  CausalReach reach_;
};

std::vector<Index> core_of(const Registers& registers, const KeyEnding& ending) {
  std::set<Index> core;
  for (const FinalRead& last : ending.last_reads) {
    core.insert(last.read);
    core.insert(registers[last.read].source);
  }
  core.insert(ending.overwriter);
  core.erase(weak::initial);
  return {core.begin(), core.end()};
}

weak::Finding conclude(const Registers& registers, const std::vector<KeyEnding>& keys) {
  auto count = [&](auto... ends) {
    return std::count_if(keys.begin(), keys.end(), [&](const KeyEnding& key) {
      return ((key.end == ends) || ...);
    });
  };
  weak::Finding finding{.outcome = Outcome::unknown};
  for (const KeyEnding& key : keys) {
    if (!refuted(key.end)) continue;
    if (finding.core.empty()) finding.core = core_of(registers, key);
    finding.outcome = Outcome::refuted;
  }
  auto written = std::to_string(std::ssize(keys) - count(KeyEnd::unwritten)) + " written keys";
  if (finding.outcome == Outcome::refuted) {
    finding.reason =
        std::to_string(count(KeyEnd::differs, KeyEnd::lost, KeyEnd::overwritten)) + " of " +
        written + " did not converge.";
  } else if (std::int64_t late = count(KeyEnd::late); late != 0) {
    finding.reason = "On " + std::to_string(late) + " of " + written +
                     " the final reads differ, but a write of unknown outcome may have taken "
                     "effect between them.";
  } else if (std::int64_t undecided = count(KeyEnd::undecided); undecided != 0) {
    finding.reason = "Out of time: of " + std::to_string(undecided) + " of " + written +
                     " nobody knows whether their final value was overwritten.";
  } else if (std::int64_t converged = count(KeyEnd::converged); converged != 0) {
    finding.outcome = Outcome::holds;
    finding.reason = std::to_string(converged) + " of " + written +
                     " were read by several processes in the end, and they agreed.";
  } else if (std::int64_t alone = count(KeyEnd::one_process); alone != 0) {
    finding.reason = "No key was read by more than one process after its writes had ended.";
  } else if (std::int64_t open = count(KeyEnd::open); open != 0) {
    finding.reason = "No key was read after its writes had ended; of " + std::to_string(open) +
                     " of " + written + " a write was open until the end.";
  } else {
    finding.reason = "No written key was read after its writes had ended and all was quiet.";
  }
  return finding;
}

}  // namespace

std::string_view to_string(KeyEnd end) {
  switch (end) {
    case KeyEnd::converged: return "converged";
    case KeyEnd::differs: return "differs";
    case KeyEnd::lost: return "lost";
    case KeyEnd::overwritten: return "overwritten";
    case KeyEnd::late: return "late";
    case KeyEnd::one_process: return "one-process";
    case KeyEnd::no_finale: return "no-finale";
    case KeyEnd::open: return "open";
    case KeyEnd::unwritten: return "unwritten";
    case KeyEnd::undecided: return "undecided";
  }
  return "";
}

bool refuted(KeyEnd end) {
  return end == KeyEnd::differs || end == KeyEnd::lost || end == KeyEnd::overwritten;
}

Convergence converge(const Registers& registers, const Clusters& clusters, const Ending& ending,
                     std::chrono::nanoseconds within, const Limits& limits) {
  Convergence convergence;
  if (!ending.unrest.empty()) {
    convergence.finding = {.outcome = Outcome::unknown, .reason = ending.unrest};
    return convergence;
  }
  Judge judge(registers, clusters, ending, within, limits);
  for (std::int32_t key = 0; key < clusters.keys(); ++key) {
    convergence.keys.push_back(judge.judge(key));
  }
  convergence.finding = conclude(registers, convergence.keys);
  return convergence;
}

}  // namespace sunder::staleness
