#include "checker/replicated/witness.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "checker/replicated/states.h"

namespace sunder::replicated {
namespace {

/// For each replica, the largest count that somebody saw, and who.
struct Floor {
  Context counts;
  std::vector<const Event*> by;

  void raise(const Context& context, const Event& event) {
    counts.resize(context.size(), 0);
    by.resize(context.size(), nullptr);
    for (std::size_t r = 0; r < context.size(); ++r) {
      if (context[r] <= counts[r]) continue;
      counts[r] = context[r];
      by[r] = &event;
    }
  }
  /// The first replica of which less was seen than this; nobody when none.
  std::uint32_t lacking(const Context& context) const {
    for (std::uint32_t r = 0; r < counts.size(); ++r) {
      if (context[r] < counts[r]) return r;
    }
    return nobody;
  }
};

class Rules {
 public:
  Rules(const Object& object, const Updates& updates, const Demands& demands, Findings& findings)
      : object_(object), updates_(updates), demands_(demands), findings_(findings) {}

  void run() {
    past();
    own_lines();
    acyclic();
    over_time();
    if (demands_.sessions) sessions();
    if (demands_.causal) causal();
    stamps();
    if (demands_.causal_arbitration) arbitration();
  }

 private:
  // Of updates without a reply, logs may say what they saw.
  template <class Visit>
  void each_witness(Visit visit) {
    Context context;
    for (const Event& event : object_.events) {
      if (!event.witnessed) continue;
      updates_.context_of(event, false, context);
      visit(event, context);
    }
  }

  // An update cannot be seen by a reply that came before the update was asked for.
  void past() {
    std::vector<std::vector<const Event*>> latest(object_.replica_count());
    for (std::size_t r = 0; r < latest.size(); ++r) {
      const Event* most = nullptr;
      for (std::uint32_t event : updates_.made_by(r)) {
        const Event* one = event == nobody ? nullptr : &object_.events[event];
        if (one != nullptr && (most == nullptr || one->invoked > most->invoked)) most = one;
        latest[r].push_back(most);
      }
    }
    each_witness([&](const Event& event, const Context& context) {
      for (std::size_t r = 0; r < context.size(); ++r) {
        if (context[r] == 0) continue;
        const Event* update = latest[r][context[r] - 1];
        if (update == nullptr || update->invoked < event.completed) continue;
        findings_.add("future-update",
                      who(object_, event) + " was answered at op " +
                          std::to_string(event.completed) + " and saw " +
                          name_of(object_, update->dot) + ", but " + who(object_, *update) +
                          " had not been invoked yet.",
                      {&event, update});
      }
    });
  }

  // Along its own updates, a replica sees all of them and never less of the others.
  void own_lines() {
    Context context;
    for (std::size_t r = 0; r < object_.replica_count(); ++r) {
      Floor floor;
      for (std::uint32_t i : updates_.made_by(r)) {
        if (i == nobody) continue;
        const Event& event = object_.events[i];
        own_count(event);
        updates_.context_of(event, false, context);
        rolled_back(event, context, floor);
        floor.raise(context, event);
      }
    }
  }

  // Its own updates are counted with or without the one that is answered.
  void own_count(const Event& event) {
    std::uint32_t said = 0;
    for (const Seen& seen : object_.seen_by(event)) {
      if (seen.replica == event.dot.replica) said = seen.counter;
    }
    if (said > event.dot.counter) {
      findings_.add("future-update",
                    who(object_, event) + ", which is " + name_of(object_, event.dot) +
                        ", says that it saw " + name_of(object_, {event.dot.replica, said}) + ".",
                    {&event});
    } else if (said + 1 < event.dot.counter && demands_.sessions) {
      findings_.add("replica-rollback",
                    who(object_, event) + ", which is " + name_of(object_, event.dot) +
                        ", saw only " + std::to_string(said) + " of that replica's own updates.",
                    {&event});
    }
  }

  void rolled_back(const Event& event, const Context& context, const Floor& floor) {
    std::uint32_t r = floor.lacking(context);
    if (r == nobody || !demands_.sessions) return;
    findings_.add("replica-rollback",
                  "A replica answered " + who(object_, *floor.by[r]) + " having seen " +
                      name_of(object_, {r, floor.counts[r]}) + ", and later " +
                      who(object_, event) + " having seen only " + std::to_string(context[r]) +
                      " of that replica's updates.",
                  {floor.by[r], &event});
  }

  // Takes updates whose past is taken, line by line, until none is left or the rest is a cycle.
  void acyclic() {
    Context taken(object_.replica_count(), 0);
    Context context;
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t r = 0; r < taken.size(); ++r) {
        const auto& line = updates_.made_by(r);
        while (taken[r] < line.size()) {
          if (line[taken[r]] != nobody) {
            updates_.context_of(object_.events[line[taken[r]]], false, context);
            bool ready = true;
            for (std::size_t s = 0; s < context.size(); ++s) ready &= context[s] <= taken[s];
            if (!ready) break;
          }
          ++taken[r];
          moved = true;
        }
      }
    }
    tell_cycle(taken);
  }

  // Every update that is left waits for another one: following them must come back.
  void tell_cycle(const Context& taken) {
    std::vector<std::uint32_t> order;  // replicas, as they wait for one another
    std::uint32_t at = nobody;
    for (std::uint32_t r = 0; r < taken.size() && at == nobody; ++r) {
      if (taken[r] < updates_.made_by(r).size()) at = r;
    }
    if (at == nobody) return;
    Context context;
    while (std::find(order.begin(), order.end(), at) == order.end()) {
      order.push_back(at);
      updates_.context_of(object_.events[updates_.made_by(at)[taken[at]]], false, context);
      for (std::uint32_t s = 0; s < context.size(); ++s) {
        if (context[s] > taken[s]) at = s;
      }
    }
    order.erase(order.begin(), std::find(order.begin(), order.end(), at));
    std::vector<const Event*> cited;
    std::string text;
    for (std::uint32_t r : order) {
      const Event& event = object_.events[updates_.made_by(r)[taken[r]]];
      cited.push_back(&event);
      text +=
          (text.empty() ? "" : ", ") + who(object_, event) + " as " + name_of(object_, event.dot);
    }
    findings_.add("cyclic-visibility",
                  "Each of these updates saw the next one or a later one of its replica, and the "
                  "last saw the first, so that none can have come first: " +
                      text + ".",
                  cited);
  }

  // What a replica had seen in replies that were over, it sees in those that begin later; and a
  // final read sees everything that had been acknowledged.
  void over_time() {
    std::vector<const Event*> by_end;
    for (const Event& event : object_.events) {
      if (event.witnessed && event.ok()) by_end.push_back(&event);
    }
    std::sort(by_end.begin(), by_end.end(),
              [](const Event* a, const Event* b) { return a->completed < b->completed; });
    std::map<std::uint32_t, Floor> replicas;
    Floor acknowledged;
    std::size_t over = 0;
    Context before;
    each_witness([&](const Event& event, const Context& context) {
      for (; over < by_end.size() && by_end[over]->completed < event.invoked; ++over) {
        const Event& past = *by_end[over];
        updates_.context_of(past, true, before);
        if (std::uint32_t by = past.answered_by(); by != nobody) replicas[by].raise(before, past);
        if (past.dot.counter == 0) continue;
        before.assign(before.size(), 0);
        before[past.dot.replica] = past.dot.counter;
        acknowledged.raise(before, past);
      }
      if (std::uint32_t by = event.answered_by(); by != nobody) {
        rolled_back(event, context, replicas[by]);
      }
      if (event.verb == Verb::final_read) converged(event, context, acknowledged);
    });
  }

  void converged(const Event& event, const Context& context, const Floor& acknowledged) {
    std::uint32_t r = acknowledged.lacking(context);
    if (r == nobody) return;
    findings_.add("not-converged",
                  who(object_, event) + " lacks " + who(object_, *acknowledged.by[r]) +
                      ", which is " + name_of(object_, acknowledged.by[r]->dot) +
                      " and had been acknowledged.",
                  {acknowledged.by[r], &event});
  }

  void sessions() {
    struct Session {
      Floor own;
      Floor seen;
    };
    std::unordered_map<std::int32_t, Session> sessions;  // looked up only
    Context with_itself;
    each_witness([&](const Event& event, const Context& context) {
      Session& session = sessions[event.process.id];
      if (std::uint32_t r = session.own.lacking(context); r != nobody) {
        findings_.add("read-your-writes",
                      who(object_, event) + " did not see " + who(object_, *session.own.by[r]) +
                          ", which the same process had done before.",
                      {session.own.by[r], &event});
      } else if (r = session.seen.lacking(context); r != nobody) {
        findings_.add("monotonic-reads",
                      who(object_, *session.seen.by[r]) + " saw " +
                          name_of(object_, {r, session.seen.counts[r]}) + ", but later " +
                          who(object_, event) + " of the same process saw only " +
                          std::to_string(context[r]) + " of that replica's updates.",
                      {session.seen.by[r], &event});
      }
      if (!event.ok()) return;  // it ended the session
      session.seen.raise(context, event);
      if (event.dot.counter == 0) return;
      with_itself.assign(context.size(), 0);
      with_itself[event.dot.replica] = event.dot.counter;
      session.own.raise(with_itself, event);
    });
  }

  // Each update is held to this too, so that along a replica's line what was seen only grows, and
  // its last update speaks for the earlier ones.
  void causal() {
    std::vector<std::vector<std::uint32_t>> last(object_.replica_count());
    for (std::size_t r = 0; r < last.size(); ++r) {
      std::uint32_t known = nobody;
      for (std::uint32_t event : updates_.made_by(r)) {
        known = event == nobody ? known : event;
        last[r].push_back(known);
      }
    }
    Context past;
    each_witness([&](const Event& event, const Context& context) {
      for (std::size_t r = 0; r < context.size(); ++r) {
        if (context[r] == 0 || last[r][context[r] - 1] == nobody) continue;
        const Event& update = object_.events[last[r][context[r] - 1]];
        updates_.context_of(update, false, past);
        for (std::uint32_t s = 0; s < past.size(); ++s) {
          if (past[s] <= context[s] || &update == &event) continue;
          findings_.add("causality",
                        who(object_, event) + " saw " + who(object_, update) + ", which had seen " +
                            name_of(object_, {s, past[s]}) + ", but itself saw only " +
                            std::to_string(context[s]) + " of that replica's updates.",
                        {&update, &event});
        }
      }
    });
  }

  void stamps() {
    std::map<std::pair<std::int64_t, std::int32_t>, const Event*> known;
    for (const Event& event : object_.events) {
      if (!event.stamp) continue;
      auto [at, added] = known.emplace(std::pair(event.stamp->time, event.stamp->node), &event);
      if (added) continue;
      findings_.add("duplicate-stamp",
                    who(object_, *at->second) + " and " + who(object_, event) +
                        " have the same stamp, so that neither is the last.",
                    {at->second, &event});
    }
  }

  void arbitration() {
    auto below = [&](const Stamp& a, const Stamp& b) { return before(object_, a, b); };
    std::vector<std::vector<const Event*>> top(object_.replica_count());
    for (std::size_t r = 0; r < top.size(); ++r) {
      const Event* most = nullptr;
      for (std::uint32_t i : updates_.made_by(r)) {
        const Event* event = i == nobody ? nullptr : &object_.events[i];
        if (event != nullptr && event->stamp &&
            (most == nullptr || below(*most->stamp, *event->stamp))) {
          most = event;
        }
        top[r].push_back(most);
      }
    }
    each_witness([&](const Event& event, const Context& context) {
      if (!event.stamp) return;
      for (std::size_t r = 0; r < context.size(); ++r) {
        const Event* seen = context[r] == 0 ? nullptr : top[r][context[r] - 1];
        if (seen == nullptr || seen == &event || below(*seen->stamp, *event.stamp)) continue;
        findings_.add("arbitration-against-visibility",
                      who(object_, event) + " saw " + who(object_, *seen) +
                          ", but its stamp is not the later one, so that it is lost although it "
                          "came after.",
                      {seen, &event});
      }
    });
  }

  const Object& object_;
  const Updates& updates_;
  const Demands& demands_;
  Findings& findings_;
};

}  // namespace

void check_witness(const Object& object, const Updates& updates, const Demands& demands,
                   Findings& findings) {
  Rules(object, updates, demands, findings).run();
}

}  // namespace sunder::replicated
