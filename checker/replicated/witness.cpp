#include "checker/replicated/witness.h"

#include <algorithm>
#include <map>

#include "checker/replicated/growth.h"
#include "checker/replicated/states.h"

namespace sunder::replicated {
namespace {

class Rules {
 public:
  Rules(const Object& object, const Updates& updates, const Demands& demands, Findings& findings)
      : object_(object), updates_(updates), demands_(demands), findings_(findings) {}

  void run() {
    past();
    acyclic();
    check_growth(object_, updates_, demands_, findings_);
    if (demands_.causal) causal();
    stamps();
    if (demands_.causal_arbitration) arbitration();
  }

 private:
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
    each_witness(object_, updates_, [&](const Event& event, const Context& context) {
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
    each_witness(object_, updates_, [&](const Event& event, const Context& context) {
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
    each_witness(object_, updates_, [&](const Event& event, const Context& context) {
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
