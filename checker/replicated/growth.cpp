#include "checker/replicated/growth.h"

#include <algorithm>
#include <map>
#include <unordered_map>

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

class Growth {
 public:
  Growth(const Object& object, const Updates& updates, const Demands& demands, Findings& findings)
      : object_(object), updates_(updates), demands_(demands), findings_(findings) {}

  void run() {
    own_lines();
    over_time();
    if (demands_.sessions) sessions();
  }

 private:
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
    each_witness(object_, updates_, [&](const Event& event, const Context& context) {
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
    struct Floors {
      Floor own;
      Floor seen;
    };
    std::unordered_map<std::int32_t, Floors> sessions;  // looked up only
    Context with_itself;
    each_witness(object_, updates_, [&](const Event& event, const Context& context) {
      Floors& session = sessions[event.process.id];
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
      if (event.past) replaces(event, session.seen);
      if (!event.ok()) return;  // it ended the session
      session.seen.raise(context, event);
      if (event.dot.counter == 0) return;
      with_itself.assign(context.size(), 0);
      with_itself[event.dot.replica] = event.dot.counter;
      session.own.raise(with_itself, event);
    });
  }

  // A write replaces at least what its session has read.
  void replaces(const Event& event, const Floor& seen) {
    Context past;
    updates_.past_of(event, past);
    std::uint32_t r = seen.lacking(past);
    if (r == nobody) return;
    findings_.add("forgotten-read",
                  who(object_, *seen.by[r]) + " saw " + name_of(object_, {r, seen.counts[r]}) +
                      ", but the later " + who(object_, event) +
                      " of the same process says that it replaces only " +
                      std::to_string(past[r]) + " of that replica's updates.",
                  {seen.by[r], &event});
  }

  const Object& object_;
  const Updates& updates_;
  const Demands& demands_;
  Findings& findings_;
};

}  // namespace

void check_growth(const Object& object, const Updates& updates, const Demands& demands,
                  Findings& findings) {
  Growth(object, updates, demands, findings).run();
}

}  // namespace sunder::replicated
