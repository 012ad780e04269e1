// What locks must not do, as far as their certain holds show.

#include "checker/domain/lock_calls.h"

namespace sunder::domain {

std::vector<LockChecker::Hold> LockChecker::holds(Calls calls) const {
  std::vector<Hold> all;
  for (std::uint32_t at : calls) {
    if (kind_[at] != Kind::acquire || fate_[at] != Fate::happened) continue;
    std::uint32_t by = released_by(at);
    std::int64_t end = by == UINT32_MAX ? open_end : call(by).invoked;
    if (end > call(at).completed) all.push_back({call(at).completed, end, owner_[at], at});
  }
  std::sort(all.begin(), all.end(), [](const Hold& a, const Hold& b) { return a.begin < b.begin; });
  return all;
}

std::size_t LockChecker::judge_exclusion(Calls calls, Findings& findings) {
  index_releases(calls);
  std::vector<Hold> all = holds(calls);
  findings.figure("holds", all.size());
  const Hold* longest = nullptr;
  for (const Hold& hold : all) {
    if (longest != nullptr && longest->end > hold.begin) {
      findings.add("double-hold", [&]() -> Story {
        std::uint32_t by = released_by(longest->call);
        std::string until = by == UINT32_MAX
                                ? "was never released"
                                : "was not released before " + op_name(call(by).invoked);
        return {"Two held the lock at once: " + grant_text(hold.call) + " succeeded while " +
                    grant_text(longest->call) + " had succeeded before and " + until + ".",
                ops_of({longest->call, hold.call}),
                {}};
      });
    }
    if (longest == nullptr || hold.end > longest->end) longest = &hold;
  }
  return all.size();
}

std::size_t LockChecker::judge_permits(Calls calls, std::int64_t permits, Findings& findings) {
  struct Event {
    std::uint32_t position;
    std::uint32_t call;
    std::int64_t change;
  };
  std::vector<Event> events;
  for (std::uint32_t at : calls) {
    if (fate_[at] == Fate::never) continue;
    std::int64_t number = form_.counted ? number_[at] : 1;
    if (kind_[at] == Kind::release) events.push_back({call(at).invoked, at, -number});
    bool granted = kind_[at] == Kind::acquire && fate_[at] == Fate::happened;
    if (granted) events.push_back({call(at).completed, at, number});
  }
  std::sort(events.begin(), events.end(),
            [](const Event& a, const Event& b) { return a.position < b.position; });
  std::int64_t held = 0;
  std::size_t acquires = 0;
  std::uint32_t last = UINT32_MAX;
  for (const Event& event : events) {
    held += event.change;
    if (event.change > 0) ++acquires;
    if (event.change > 0 && held > permits) {
      findings.add(permits == 1 ? "double-hold" : "too-many-holders", [&]() -> Story {
        Story story{"When " + grant_text(event.call) + " succeeded, " +
                        counted(static_cast<std::uint64_t>(held), "permit") +
                        " were surely held, but there " +
                        (permits == 1 ? "is only 1" : "are only " + std::to_string(permits)) +
                        ": all acquires that had been acknowledged, less all releases that had "
                        "even begun.",
                    ops_of({event.call}),
                    {}};
        if (last != UINT32_MAX) {
          for (std::uint64_t op : ops_of({last})) story.ops.push_back(op);
        }
        story.detail["held"] = held;
        story.detail["permits"] = permits;
        return story;
      });
    }
    if (event.change > 0) last = event.call;
  }
  findings.figure("holds", acquires);
  return acquires;
}

// Releases that were acknowledged need acquires that had at least begun.
void LockChecker::judge_releases(Calls calls, Findings& findings) {
  struct Event {
    std::uint32_t position;
    std::uint32_t call;
    std::int64_t change;
  };
  std::vector<Event> events;
  for (std::uint32_t at : calls) {
    if (fate_[at] == Fate::never) continue;
    std::int64_t number = form_.counted ? number_[at] : 1;
    if (kind_[at] == Kind::acquire) events.push_back({call(at).invoked, at, number});
    bool released = kind_[at] == Kind::release && fate_[at] == Fate::happened;
    if (released) events.push_back({call(at).completed, at, -number});
  }
  std::sort(events.begin(), events.end(),
            [](const Event& a, const Event& b) { return a.position < b.position; });
  std::vector<std::int64_t> left(form_.owned ? owners_.size() : 1);
  for (const Event& event : events) {
    std::int64_t& mine = left[form_.owned ? static_cast<std::size_t>(owner_[event.call]) : 0];
    mine += event.change;
    if (mine >= 0) continue;
    mine = 0;  // tell each surplus release once
    findings.add("unheld-release", [&]() -> Story {
      return {"The release by process " + std::to_string(call(event.call).process) + " (" +
                  op_name(call(event.call).invoked) + ") succeeded, although " +
                  (form_.owned ? "its owner" : "nobody") + " can" + (form_.owned ? "not" : "") +
                  " have held what it released: fewer acquires had even begun.",
              ops_of({event.call}),
              {}};
    });
  }
}

}  // namespace sunder::domain
