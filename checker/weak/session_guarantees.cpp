// The four session guarantees (Terry et al., PDIS 1994), as pairs of writes that must stand in one
// order with session order and reads-from. Each pair is left out that others make superfluous: of a
// session only its last visible write of the key counts, and a write in the causal past of the
// source is before it anyway.

#include <algorithm>

#include "checker/weak/circle.h"
#include "checker/weak/decide.h"
#include "checker/weak/past.h"

namespace sunder::weak {
namespace {

/// The operations, beside its ends and its read, that make a pair (before, after, because) one.
using Witness = std::function<std::vector<Index>(const Constraint&)>;

Finding conclude(const Registers& registers, std::vector<Constraint> pairs,
                 const Witness& witness) {
  auto circle = find_circle(registers, pairs, {});
  if (!circle) return {};
  Finding finding{.outcome = Outcome::refuted};
  for (const Constraint& constraint : *circle) {
    for (Index at : {constraint.before, constraint.after, constraint.because}) {
      finding.core.push_back(at);
    }
    if (constraint.why != Why::overwritten) continue;
    std::vector<Index> others = witness(constraint);
    finding.core.insert(finding.core.end(), others.begin(), others.end());
  }
  finding.core = closed(registers, std::move(finding.core));
  finding.circle = *std::move(circle);
  return finding;
}

/// For each key what the session at hand did last with it.
class LastOfKey {
 public:
  explicit LastOfKey(const Registers& registers)
      : last_(static_cast<std::size_t>(registers.keys), initial),
        session_(last_.size(), UINT32_MAX) {}
  Index get(const Operation& operation) const {
    auto key = static_cast<std::size_t>(operation.key);
    return session_[key] == operation.session ? last_[key] : initial;
  }
  void set(const Operation& operation, Index write) {
    auto key = static_cast<std::size_t>(operation.key);
    last_[key] = write;
    session_[key] = operation.session;
  }

 private:
  std::vector<Index> last_;
  std::vector<std::uint32_t> session_;  // by key: whose `last_` is
};

Finding unfinished() {
  return {.outcome = Outcome::unknown,
          .reason = "The walk through the causal past did not end within the budget."};
}

/// What sessions have read of each other, on the walk through the causal past: of each session the
/// last write that was read, one past it.
class ReadOfOthers {
 public:
  ReadOfOthers(const Registers& registers, const Limits& limits)
      : registers_(registers), limits_(limits), heard_(registers.sessions(), Clocks::zero) {}

  /// Calls visit(read, session, heard of it, what of it is in the source's past) for each session
  /// of which the reader has heard more than the source had in its past. False: a budget is over.
  template <class Visit>
  bool walk(Visit visit) {
    Walked walked = walk_past(registers_, limits_, [&](Index at, const Past& past) {
      const Operation& read = registers_[at];
      Clocks::Clock& heard = heard_[read.session];
      past.clocks.each_greater(heard, past.source,
                               [&](std::uint32_t session, std::uint32_t now, std::uint32_t then) {
                                 visit(at, session, now, then);
                               });
      if (read.source == initial) return true;
      std::uint32_t writer = registers_[read.source].session;
      if (past.clocks.at(heard, writer) > read.source) return true;
      Clocks::Clock more = past.clocks.with(heard, writer, read.source + 1);
      past.clocks.drop(heard);
      heard = more;
      return true;
    });
    return walked != Walked::over;
  }

 private:
  const Registers& registers_;
  const Limits& limits_;
  std::vector<Clocks::Clock> heard_;  // by session
};

/// The read before `end` in its session, the last one, for which `fits` is true.
template <class Fits>
Index last_read(const Registers& registers, Index end, Fits fits) {
  Index begin = registers.session_begin[registers[end].session];
  for (Index at = end; at > begin; --at) {
    if (registers[at - 1].is_read() && registers[at - 1].source != initial && fits(at - 1)) {
      return at - 1;
    }
  }
  return initial;
}

}  // namespace

Finding decide_read_your_writes(const Registers& registers, const Limits&) {
  LastOfKey written(registers);
  std::vector<Constraint> pairs;
  for (Index at = 0; at < registers.size(); ++at) {
    const Operation& operation = registers[at];
    if (operation.is_write()) {
      written.set(operation, at);
      continue;
    }
    Index own = written.get(operation);
    if (own == initial || own == operation.source) continue;
    pairs.push_back({own, operation.source, Why::overwritten, at});
  }
  return conclude(registers, std::move(pairs),
                  [](const Constraint&) { return std::vector<Index>{}; });
}

Finding decide_monotonic_reads(const Registers& registers, const Limits&) {
  LastOfKey seen(registers);
  std::vector<Constraint> pairs;
  for (Index at = 0; at < registers.size(); ++at) {
    const Operation& operation = registers[at];
    if (operation.is_write()) continue;
    Index earlier = seen.get(operation);
    if (earlier != initial && earlier != operation.source) {
      pairs.push_back({earlier, operation.source, Why::overwritten, at});
    }
    seen.set(operation, operation.source);
  }
  return conclude(registers, std::move(pairs), [&](const Constraint& pair) {
    return std::vector{last_read(registers, pair.because,
                                 [&](Index at) { return registers[at].source == pair.before; })};
  });
}

Finding decide_monotonic_writes(const Registers& registers, const Limits& limits) {
  OfKey writes(registers, Kind::write);
  std::vector<Constraint> pairs;
  ReadOfOthers others(registers, limits);
  bool whole = others.walk([&](Index at, std::uint32_t session, Index heard, Index known) {
    const Operation& read = registers[at];
    Index earlier = writes.last_before(registers, read.key, session, heard - 1);
    if (earlier == initial || earlier < known || earlier == read.source) return;
    pairs.push_back({earlier, read.source, Why::overwritten, at});
  });
  if (!whole) return unfinished();
  return conclude(registers, std::move(pairs), [&](const Constraint& pair) {
    Index through = last_read(registers, pair.because, [&](Index at) {
      Index write = registers[at].source;
      return write > pair.before && registers[write].session == registers[pair.before].session;
    });
    return std::vector{through};
  });
}

Finding decide_writes_follow_reads(const Registers& registers, const Limits& limits) {
  OfKey reads(registers, Kind::read);
  std::vector<Constraint> pairs;
  ReadOfOthers others(registers, limits);
  bool whole = others.walk([&](Index at, std::uint32_t session, Index heard, Index known) {
    const Operation& read = registers[at];
    std::span<const Index> of_key = reads.of(read.key);
    Index begin = std::max(known, registers.session_begin[session]);
    auto end = std::lower_bound(of_key.begin(), of_key.end(), heard - 1);
    Index last = initial;
    for (auto one = end; one != of_key.begin() && *(one - 1) >= begin; --one) {
      Index earlier = registers[*(one - 1)].source;
      if (earlier == initial || earlier == read.source || earlier == last) continue;
      pairs.push_back({earlier, read.source, Why::overwritten, at});
      last = earlier;
    }
  });
  if (!whole) return unfinished();
  return conclude(registers, std::move(pairs), [&](const Constraint& pair) {
    std::vector<Index> first(registers.sessions(), initial);  // by session: first read of `before`
    for (Index at = 0; at < registers.size(); ++at) {
      const Operation& operation = registers[at];
      if (operation.is_read() && operation.source == pair.before) {
        first[operation.session] = std::min(first[operation.session], at);
      }
    }
    Index through = last_read(registers, pair.because, [&](Index at) {
      Index write = registers[at].source;
      return first[registers[write].session] < write;
    });
    std::vector<Index> witness{through};
    if (through != initial) {
      witness.push_back(first[registers[registers[through].source].session]);
    }
    return witness;
  });
}

}  // namespace sunder::weak
