// What depends on real time alone, key by key: linearizable, regular, safe, bounded staleness.

#include <algorithm>

#include "checker/linearizable/monitors/monitors.h"
#include "checker/linearizable/verbs.h"
#include "checker/weak/circle.h"
#include "checker/weak/decide.h"
#include "checker/weak/past.h"

namespace sunder::weak {
namespace {

Finding refuted(const Registers& registers, std::vector<Index> operations, std::string reason) {
  return {.outcome = Outcome::refuted,
          .core = closed(registers, std::move(operations)),
          .reason = std::move(reason)};
}

bool before(const Operation& a, const Operation& b) { return a.returned < b.invoked; }

/// The completed writes of one key by the time of their returns, and of each prefix the one that
/// was invoked last: what a read must not have missed.
class Completed {
 public:
  template <class Time>
  Completed(const Registers& registers, std::span<const Index> writes, Time returned) {
    for (Index write : writes) {
      if (registers[write].returned != never) latest_.push_back(write);
    }
    std::sort(latest_.begin(), latest_.end(), [&](Index a, Index b) {
      return std::pair(returned(registers[a]), a) < std::pair(returned(registers[b]), b);
    });
    for (Index write : latest_) returns_.push_back(returned(registers[write]));
    for (std::size_t i = 1; i < latest_.size(); ++i) {
      if (registers[latest_[i - 1]].invoked > registers[latest_[i]].invoked) {
        latest_[i] = latest_[i - 1];
      }
    }
  }

  /// The last invoked of those that returned before `time`; `initial` when there is none.
  Index latest_before(std::int64_t time) const {
    std::size_t before = returned_before(time);
    return before == 0 ? initial : latest_[before - 1];
  }
  std::size_t returned_before(std::int64_t time) const {
    return static_cast<std::size_t>(std::lower_bound(returns_.begin(), returns_.end(), time) -
                                    returns_.begin());
  }

 private:
  std::vector<std::int64_t> returns_;
  std::vector<Index> latest_;
};

std::int64_t position(const Operation& operation) { return operation.returned; }
std::int64_t moment(const Operation& operation) { return operation.returned_at; }

/// The reads of each key.
std::vector<std::vector<Index>> reads_by_key(const Registers& registers) {
  std::vector<std::vector<Index>> reads(static_cast<std::size_t>(registers.keys));
  for (Index i = 0; i < registers.size(); ++i) {
    if (registers[i].is_read()) reads[static_cast<std::size_t>(registers[i].key)].push_back(i);
  }
  return reads;
}

/// Whether the read returned something that `missed` had surely replaced.
bool is_stale(const Registers& registers, Index read, Index missed) {
  Index source = registers[read].source;
  if (missed == initial || missed == source) return false;
  return source == initial || before(registers[source], registers[missed]);
}

Finding stale(const Registers& registers, Index read, Index missed) {
  return refuted(registers, {read, missed},
                 "A write had ended when the read began, and had begun after the write that was "
                 "read had ended.");
}

/// Visits the reads of each key with the key's completed writes, until a visit returns a
/// refutation.
template <class Time, class Visit>
Finding sweep(const Registers& registers, const Limits& limits, Time returned, Visit visit) {
  OfKey writes(registers, Kind::write);
  std::vector<std::vector<Index>> reads = reads_by_key(registers);
  for (std::int32_t key = 0; key < registers.keys; ++key) {
    if (limits.over()) {
      return {.outcome = Outcome::unknown,
              .reason = std::to_string(key) + " of " + std::to_string(registers.keys) +
                        " keys were judged within the budget."};
    }
    Completed completed(registers, writes.of(key), returned);
    for (Index read : reads[static_cast<std::size_t>(key)]) {
      Finding finding = visit(read, completed, writes.of(key));
      if (finding.outcome != Outcome::holds) return finding;
    }
  }
  return {};
}

bool from_the_future(const Registers& registers, Index read) {
  Index source = registers[read].source;
  return source != initial && before(registers[read], registers[source]);
}

Finding future_read(const Registers& registers, Index read) {
  return refuted(registers, {read}, "The read returned before the write of its value began.");
}

}  // namespace

Finding decide_regular(const Registers& registers, const Limits& limits) {
  return sweep(registers, limits, position,
               [&](Index read, const Completed& completed, std::span<const Index>) {
                 if (from_the_future(registers, read)) return future_read(registers, read);
                 Index missed = completed.latest_before(registers[read].invoked);
                 if (is_stale(registers, read, missed)) return stale(registers, read, missed);
                 return Finding{};
               });
}

Finding decide_safe(const Registers& registers, const Limits& limits) {
  std::int32_t sorted_key = -1;
  std::vector<std::uint32_t> begun;  // invocations of the key's writes
  auto visit = [&](Index at, const Completed& completed, std::span<const Index> writes) {
    const Operation& read = registers[at];
    if (read.key != sorted_key) {
      sorted_key = read.key;
      begun.clear();
      for (Index write : writes) begun.push_back(registers[write].invoked);
      std::sort(begun.begin(), begun.end());
    }
    auto begun_before = static_cast<std::size_t>(
        std::upper_bound(begun.begin(), begun.end(), read.returned) - begun.begin());
    bool pending = !registers.pending_since.empty() &&
                   registers.pending_since[static_cast<std::size_t>(read.key)] <= read.returned;
    if (pending || begun_before > completed.returned_before(read.invoked)) return Finding{};
    if (from_the_future(registers, at)) return future_read(registers, at);
    Index missed = completed.latest_before(read.invoked);
    if (is_stale(registers, at, missed)) return stale(registers, at, missed);
    return Finding{};
  };
  return sweep(registers, limits, position, visit);
}

Finding decide_bounded_staleness(const Registers& registers, const Limits& limits) {
  return sweep(registers, limits, moment,
               [&](Index read, const Completed& completed, std::span<const Index>) {
                 if (from_the_future(registers, read)) return future_read(registers, read);
                 Index missed =
                     completed.latest_before(registers[read].invoked_at - limits.staleness.count());
                 if (is_stale(registers, read, missed)) return stale(registers, read, missed);
                 return Finding{};
               });
}

// What no write can have left there never gets here: the decoder keeps such reads apart.
Finding decide_eventual(const Registers&, const Limits&) { return {}; }

Finding decide_linearizable(const Registers& registers, const Limits& limits) {
  std::vector<std::vector<Index>> by_key(static_cast<std::size_t>(registers.keys));
  std::vector<Index> order(registers.size());
  for (Index i = 0; i < registers.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](Index a, Index b) { return registers[a].invoked < registers[b].invoked; });
  for (Index at : order) by_key[static_cast<std::size_t>(registers[at].key)].push_back(at);
  for (const std::vector<Index>& operations : by_key) {
    if (limits.over()) {
      return {.outcome = Outcome::unknown, .reason = "Not all keys were judged within the budget."};
    }
    // A value is known by the place of its write; 0 is the initial one.
    auto value = [](Index write) { return static_cast<std::int32_t>(write + 1); };
    linearizable::Operations calls;
    for (Index at : operations) {
      const Operation& operation = registers[at];
      linearizable::Operation call{.invoked = operation.invoked, .returned = operation.returned};
      if (operation.is_write()) {
        call.call = {.verb = linearizable::register_verb::write, .input = value(at)};
      } else {
        call.call = {.verb = linearizable::register_verb::read, .output = value(operation.source)};
      }
      calls.push_back(call);
    }
    linearizable::Decision decision = linearizable::register_monitor(calls, 0, false);
    if (decision.outcome == linearizable::Decision::Outcome::linearizable) continue;
    if (decision.outcome == linearizable::Decision::Outcome::undecided) {
      return {.outcome = Outcome::unknown, .reason = "The monitor of registers did not decide."};
    }
    std::vector<Index> cited;
    for (std::uint32_t one : decision.pattern.operations) cited.push_back(operations[one]);
    return refuted(registers, std::move(cited),
                   "By its intervals, " + decision.pattern.explanation);
  }
  return {};
}

}  // namespace sunder::weak
