#include "checker/weak/past.h"

#include <algorithm>
#include <numeric>

#include "checker/linearizable/monitors/radix.h"

namespace sunder::weak {

OfKey::OfKey(const Registers& registers, Kind kind)
    : begin_(static_cast<std::size_t>(registers.keys) + 1) {
  for (const Operation& operation : registers.operations) {
    if (operation.kind == kind) ++begin_[static_cast<std::size_t>(operation.key) + 1];
  }
  std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
  operations_.resize(begin_.back());
  std::vector<Index> next(begin_.begin(), begin_.end() - 1);
  for (Index i = 0; i < registers.size(); ++i) {
    if (registers[i].kind != kind) continue;
    operations_[next[static_cast<std::size_t>(registers[i].key)]++] = i;
  }
}

Index OfKey::last_before(const Registers& registers, std::int32_t key, std::uint32_t session,
                         Index end) const {
  std::span<const Index> all = of(key);
  auto after = std::lower_bound(all.begin(), all.end(), end);
  if (after == all.begin() || *(after - 1) < registers.session_begin[session]) return initial;
  return *(after - 1);
}

namespace {

using Visit = std::function<bool(Index, const Past&)>;

class Walk {
 public:
  Walk(const Registers& registers, const Limits& limits, const Visit& read, const Visit& write)
      : registers_(registers),
        limits_(limits),
        read_(read),
        write_(write),
        clocks_(registers.sessions()),
        next_(registers.session_begin.begin(), registers.session_begin.end() - 1),
        seen_(registers.sessions(), Clocks::zero),
        clock_of_(registers.size(), Clocks::zero),
        readers_(registers.size()),
        waiting_(registers.size(), nobody),
        waits_next_(registers.sessions(), nobody),
        waits_(registers.sessions()) {
    for (const Operation& operation : registers.operations) {
      if (operation.is_read() && operation.source != initial) ++readers_[operation.source];
    }
  }

  // Sessions go on in the order in which operations were invoked, so that a write's clock is wanted
  // for as short a time as it was in the run. Any order gives the same answers.
  Walked run() {
    for (const linearizable::Keyed& next : by_invocation()) {
      Index at = next.index;
      std::uint32_t session = registers_[at].session;
      if (next_[session] <= at && !waits_[session]) runnable_.push_back(session);
      std::uint32_t until = registers_[at].invoked;
      while (!runnable_.empty()) {
        std::uint32_t one = runnable_.back();
        runnable_.pop_back();
        if (!advance(one, until)) return Walked::over;
      }
    }
    return done_ == registers_.size() ? Walked::whole : Walked::stuck;
  }

 private:
  static constexpr std::uint32_t nobody = UINT32_MAX;

  std::vector<linearizable::Keyed> by_invocation() const {
    std::vector<linearizable::Keyed> order(registers_.size());
    for (Index at = 0; at < registers_.size(); ++at) order[at] = {registers_[at].invoked, at};
    linearizable::sort_by_key(order);
    return order;
  }

  bool is_done(Index at) const { return at < next_[registers_[at].session]; }

  bool advance(std::uint32_t session, std::uint32_t until) {
    Index& at = next_[session];
    Index end = registers_.session_begin[session + 1];
    for (; at < end && registers_[at].invoked <= until; ++at, ++done_) {
      const Operation& operation = registers_[at];
      if ((done_ & 0xfff) == 0 && (limits_.over() || clocks_.bytes() > limits_.memory)) {
        return false;
      }
      if (operation.is_read()) {
        if (operation.source != initial && !is_done(operation.source)) {
          waits_[session] = true;
          waits_next_[session] = waiting_[operation.source];
          waiting_[operation.source] = session;
          return true;
        }
        if (!visit_read(at)) return false;
      } else if (!visit_write(at)) {
        return false;
      }
    }
    return true;
  }

  void become(Clocks::Clock& owner, Clocks::Clock clock) {
    clocks_.drop(owner);
    owner = clock;
  }

  bool visit_read(Index at) {
    const Operation& operation = registers_[at];
    Clocks::Clock& seen = seen_[operation.session];
    if (operation.source == initial) return read_(at, {clocks_, seen, Clocks::zero});
    Clocks::Clock& source = clock_of_[operation.source];
    become(seen, clocks_.joined(seen, source));
    bool on = read_(at, {clocks_, seen, source});
    if (--readers_[operation.source] == 0) become(source, Clocks::zero);
    return on;
  }

  bool visit_write(Index at) {
    std::uint32_t session = registers_[at].session;
    Clocks::Clock& seen = seen_[session];
    if (write_ && !write_(at, {clocks_, seen, Clocks::zero})) return false;
    become(seen, clocks_.with(seen, session, at + 1));
    if (readers_[at] != 0) clock_of_[at] = clocks_.keep(seen);
    for (std::uint32_t waiter = waiting_[at]; waiter != nobody; waiter = waits_next_[waiter]) {
      waits_[waiter] = false;
      runnable_.push_back(waiter);
    }
    return true;
  }

  const Registers& registers_;
  const Limits& limits_;
  const Visit& read_;
  const Visit& write_;
  Clocks clocks_;
  std::vector<Index> next_;                // by session
  std::vector<Clocks::Clock> seen_;        // by session
  std::vector<Clocks::Clock> clock_of_;    // by write, while it has readers to come
  std::vector<std::uint32_t> readers_;     // by write: reads of it that are still to come
  std::vector<std::uint32_t> waiting_;     // by write: first session that waits for it
  std::vector<std::uint32_t> waits_next_;  // by session: the next one that waits for the same
  std::vector<bool> waits_;                // by session: for a write that is still to come
  std::vector<std::uint32_t> runnable_;
  std::size_t done_ = 0;
};

}  // namespace

Walked walk_past(const Registers& registers, const Limits& limits,
                 const std::function<bool(Index, const Past&)>& read,
                 const std::function<bool(Index, const Past&)>& write) {
  return Walk(registers, limits, read, write).run();
}

}  // namespace sunder::weak
