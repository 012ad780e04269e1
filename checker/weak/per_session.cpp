// PRAM and causal memory: one order for each session, of what its reads make it see.
//
// For one session with the reads r0, r1 ... let e(u) be the first read that operation u comes
// before in every order that the session may have. A session before its source, and everything that
// the model relates to u, come no later; and where a read rj of t1 has another write t2 of the key
// before it, t2 comes before t1 (Bouajjani et al., POPL 2017, definition of hb_o), so that
//     e(u) <= e(v) for u related to v;   e(t2) <= e(t1) where e(t2) <= j.
// The least e is reached by lowering. A session cannot be explained exactly when
//   - a write comes before an initial read of its key, or an operation of the session comes before
//     one that stands earlier in the session, or
//   - the relations among operations of equal e, together with the pairs t2 -> t1 among them, go in
//     a circle: relations never lead to a lower e.

#include <algorithm>
#include <numeric>

#include "checker/weak/circle.h"
#include "checker/weak/decide.h"
#include "checker/weak/past.h"

namespace sunder::weak {
namespace {

constexpr std::uint32_t unseen = UINT32_MAX;

/// Operations so that each stands after those that session order and, if `causal`, reads-from
/// relate to it. Empty when there is no such order.
std::vector<Index> ordered(const Registers& registers, bool causal) {
  std::vector<Index> order(registers.size());
  std::iota(order.begin(), order.end(), Index{0});
  if (!causal) return order;
  std::vector<Index> next(registers.session_begin.begin(), registers.session_begin.end() - 1);
  std::vector<std::vector<std::uint32_t>> waiting(registers.size());  // by write: sessions
  std::vector<std::uint32_t> runnable(registers.sessions());
  std::iota(runnable.begin(), runnable.end(), 0u);
  order.clear();
  while (!runnable.empty()) {
    std::uint32_t session = runnable.back();
    runnable.pop_back();
    for (Index& at = next[session]; at < registers.session_begin[session + 1]; ++at) {
      Index source = registers[at].source;
      bool waits =
          registers[at].is_read() && source != initial && next[registers[source].session] <= source;
      if (waits) {
        waiting[source].push_back(session);
        break;
      }
      order.push_back(at);
      runnable.insert(runnable.end(), waiting[at].begin(), waiting[at].end());
    }
  }
  return order.size() == registers.size() ? order : std::vector<Index>{};
}

class SessionView {
 public:
  SessionView(const Registers& registers, bool causal, std::vector<Index> order)
      : registers_(registers),
        causal_(causal),
        order_(std::move(order)),
        writes_(registers, Kind::write),
        earliest_(registers.size()),
        own_reads_(static_cast<std::size_t>(registers.keys)) {}

  /// Whether the session can be explained.
  bool explains(std::uint32_t session) {
    session_ = session;
    begin();
    bool can = !reads_.empty() ? saturate() && acyclic() : true;
    for (std::int32_t key : keys_) own_reads_[static_cast<std::size_t>(key)].clear();
    return can;
  }

 private:
  void begin() {
    keys_.clear();
    reads_.clear();
    std::fill(earliest_.begin(), earliest_.end(), unseen);
    for (Index at = first(); at < last(); ++at) {
      if (registers_[at].is_write()) continue;
      std::vector<std::uint32_t>& of_key = own_reads_[static_cast<std::size_t>(registers_[at].key)];
      if (of_key.empty()) keys_.push_back(registers_[at].key);
      of_key.push_back(static_cast<std::uint32_t>(reads_.size()));
      reads_.push_back(at);
    }
    // Own operations come before the next own read.
    auto read = static_cast<std::uint32_t>(reads_.size());
    for (Index at = last(); at > first(); --at) {
      if (registers_[at - 1].is_read()) --read;
      if (read < reads_.size()) earliest_[at - 1] = read;
    }
    own_ = {earliest_.begin() + first(), earliest_.begin() + last()};
  }

  Index first() const { return registers_.session_begin[session_]; }
  Index last() const { return registers_.session_begin[session_ + 1]; }

  bool saturate() {
    do {
      if (!relate()) return false;
    } while (force());
    return !impossible_;
  }

  void lower(Index at, std::uint32_t to) { earliest_[at] = std::min(earliest_[at], to); }

  // Everything related to an operation comes no later than it. False: an own operation moved.
  bool relate() {
    for (Index read : reads_) lower_source(read);
    for (std::size_t i = order_.size(); i > 0; --i) {
      Index at = order_[i - 1];
      if (earliest_[at] == unseen) continue;
      if (causal_ && registers_[at].is_read()) lower_source(at);
      if (registers_.has_previous(at)) lower(at - 1, earliest_[at]);
    }
    return own_unmoved();
  }

  void lower_source(Index read) {
    Index source = registers_[read].source;
    if (source != initial) lower(source, earliest_[read]);
  }

  bool own_unmoved() const {
    return std::equal(own_.begin(), own_.end(), earliest_.begin() + first());
  }

  /// For the reads of one key from some read on: the source that comes first, and the first one
  /// beside that.
  struct Firsts {
    Index source = initial;
    std::uint32_t earliest = unseen;
    std::uint32_t second = unseen;  // of another source
  };

  // Lowers what a read forces to come before its source. True when anything was lowered.
  bool force() {
    impossible_ = false;
    bool lowered = false;
    for (std::int32_t key : keys_) {
      std::span<const Index> writes = writes_.of(key);
      if (writes.empty()) continue;
      const std::vector<std::uint32_t>& reads = own_reads_[static_cast<std::size_t>(key)];
      std::vector<Firsts> from = firsts(reads);
      for (Index write : writes) {
        if (earliest_[write] == unseen) continue;
        auto read = std::lower_bound(reads.begin(), reads.end(), earliest_[write]);
        if (read == reads.end()) continue;
        const Firsts& best = from[static_cast<std::size_t>(read - reads.begin())];
        std::uint32_t to = best.source == write ? best.second : best.earliest;
        if (to == before_all) {
          impossible_ = true;
          return false;
        }
        if (to - 1 >= earliest_[write]) continue;
        earliest_[write] = to - 1;
        lowered = true;
      }
    }
    return lowered;
  }

  // In the table below, numbers are one up, so that the initial write comes before all.
  static constexpr std::uint32_t before_all = 0;

  std::vector<Firsts> firsts(const std::vector<std::uint32_t>& reads) const {
    std::vector<Firsts> from(reads.size());
    Firsts best;
    for (std::size_t i = reads.size(); i > 0; --i) {
      Index source = registers_[reads_[reads[i - 1]]].source;
      std::uint32_t number = source == initial ? before_all : earliest_[source] + 1;
      if (best.earliest == unseen || (number < best.earliest && source != best.source)) {
        best = {source, number, best.earliest};
      } else if (source != best.source) {
        best.second = std::min(best.second, number);
      }
      from[i - 1] = best;
    }
    return from;
  }

  // Whether relations and forced pairs among operations of equal e leave an order.
  bool acyclic() {
    std::vector<Constraint> pairs;
    std::vector<std::pair<std::uint32_t, Index>> sources;  // (e, source) of one key
    for (std::int32_t key : keys_) {
      sources.clear();
      for (std::uint32_t read : own_reads_[static_cast<std::size_t>(key)]) {
        Index source = registers_[reads_[read]].source;
        if (source != initial) sources.push_back({earliest_[source], source});
      }
      std::sort(sources.begin(), sources.end());
      sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
      for (Index write : writes_.of(key)) {
        auto one =
            std::lower_bound(sources.begin(), sources.end(), std::pair(earliest_[write], Index{0}));
        for (; one != sources.end() && one->first == earliest_[write]; ++one) {
          bool in_order =
              registers_[write].session == registers_[one->second].session && write <= one->second;
          if (!in_order) pairs.push_back({write, one->second, Why::overwritten, initial});
        }
      }
    }
    return pairs.empty() || leaves_order(pairs);
  }

  bool leaves_order(std::vector<Constraint>& pairs) const {
    if (causal_) return !find_circle(registers_, pairs, {});
    for (Index at = 0; at < registers_.size(); ++at) {
      if (earliest_[at] == unseen) continue;
      if (registers_.has_previous(at)) pairs.push_back({at - 1, at});
      const Operation& operation = registers_[at];
      bool sees = operation.session == session_ && operation.is_read();
      if (sees && operation.source != initial) pairs.push_back({operation.source, at});
    }
    return !find_circle(registers_, pairs, {.causal = false});
  }

  const Registers& registers_;
  bool causal_;
  std::vector<Index> order_;
  OfKey writes_;
  std::uint32_t session_ = 0;
  std::vector<Index> reads_;                           // of the session
  std::vector<std::int32_t> keys_;                     // that it reads
  std::vector<std::uint32_t> earliest_;                // by operation: e
  std::vector<std::uint32_t> own_;                     // e of the session's own, which must stay
  std::vector<std::vector<std::uint32_t>> own_reads_;  // by key: numbers of the session's reads
  bool impossible_ = false;                            // a write would come before the initial one
};

Finding decide_per_session(const Registers& registers, const Limits& limits, bool causal) {
  std::vector<Index> order = ordered(registers, causal);
  if (order.empty() && registers.size() != 0) {
    Finding finding{.outcome = Outcome::refuted, .circle = *find_circle(registers, {}, {})};
    for (const Constraint& constraint : finding.circle) finding.core.push_back(constraint.before);
    finding.core = closed(registers, std::move(finding.core));
    return finding;
  }
  SessionView view(registers, causal, std::move(order));
  for (std::uint32_t session = 0; session < registers.sessions(); ++session) {
    if (limits.over()) {
      return {.outcome = Outcome::unknown,
              .reason = "Of " + std::to_string(registers.sessions()) + " sessions, the first " +
                        std::to_string(session) + " can be explained; then the budget was over."};
    }
    if (view.explains(session)) continue;
    Finding finding{.outcome = Outcome::refuted};
    finding.core.resize(registers.size());
    std::iota(finding.core.begin(), finding.core.end(), Index{0});
    finding.reason = "No order of what the session has to see explains all of its reads.";
    return finding;
  }
  return {};
}

}  // namespace

Finding decide_causal_memory(const Registers& registers, const Limits& limits) {
  return decide_per_session(registers, limits, true);
}

Finding decide_pram(const Registers& registers, const Limits& limits) {
  return decide_per_session(registers, limits, false);
}

}  // namespace sunder::weak
