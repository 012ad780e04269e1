#include "checker/replicated/meanings.h"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

#include "checker/replicated/states.h"
#include "checker/replicated/witness.h"

namespace sunder::replicated {
namespace {

enum class Tried : std::uint8_t { explained, refused, over_budget };

class Meanings {
 public:
  Meanings(Object& object, const Updates& updates, const Demands& demands, const Budget& budget)
      : object_(object), updates_(updates), demands_(demands), budget_(budget) {
    used_.resize(updates.lost().size(), false);
  }

  /// Whether guesses of what a lost update saw, or of its stamp, change what answers may be.
  bool guesses() const {
    return object_.kind == Kind::mv_register || object_.kind == Kind::or_set ||
           object_.kind == Kind::lww_register;
  }

  Tried deal(std::size_t hole) {
    if (budget_.over(0)) return Tried::over_budget;
    Findings findings{""};
    Updates updates(object_, findings);
    if (updates.usable()) {
      check_witness(object_, updates, demands_, findings);
      if (check_answers(object_, updates, budget_, findings).over_budget) {
        return Tried::over_budget;
      }
    }
    if (!findings.none()) return Tried::refused;
    if (hole == updates_.holes().size()) return Tried::explained;
    return deal_one(hole, updates);
  }

 private:
  // `known`: the updates with those that have been dealt so far.
  Tried deal_one(std::size_t hole, const Updates& known) {
    Tried result = Tried::refused;
    // Holes come in order of their bounds, so that equal updates which fit this one fit all later
    // ones, and trying one of them is enough. In sessions, what they saw depends on their process.
    std::set<std::tuple<Verb, std::int32_t, std::int64_t, std::int32_t>> tried;
    for (std::size_t i = 0; i < used_.size() && result == Tried::refused; ++i) {
      Event& event = object_.events[updates_.lost()[i]];
      std::int32_t process = demands_.sessions ? event.process.id : 0;
      if (used_[i]) continue;
      if (!tried.emplace(event.verb, event.input, event.amount, process).second) continue;
      used_[i] = true;
      Event before = event;
      std::size_t arena = object_.seen.size();
      for (int guess = 0; guess < (guesses() ? 2 : 1) && result == Tried::refused; ++guess) {
        assume(event, updates_.holes()[hole], guess == 1, known);
        result = deal(hole + 1);
        event = before;
        object_.seen.resize(arena);
      }
      used_[i] = false;
    }
    return result;
  }

  // As little as it can have seen, or as much: what the next update of its replica saw. A stamp is
  // below or above all others.
  void assume(Event& event, Dot hole, bool much, const Updates& known) {
    event.dot = hole;
    event.witnessed = true;
    Context seen(object_.replica_count(), 0);
    const Event* next = much ? neighbour(hole, 1, known) : nullptr;
    if (next != nullptr) {
      known.context_of(*next, false, seen);
    } else {
      least(event, known, seen);
    }
    seen[hole.replica] = hole.counter - 1;
    event.seen = {static_cast<std::uint32_t>(object_.seen.size()), 0};
    for (std::uint32_t r = 0; r < seen.size(); ++r) {
      if (seen[r] == 0) continue;
      object_.seen.push_back({r, seen[r]});
      ++event.seen.count;
    }
    if (object_.kind != Kind::lww_register) return;
    auto extreme = std::numeric_limits<std::int64_t>::max() - 1 - hole.counter;
    event.stamp = Stamp{much ? extreme : -extreme, 0};
  }

  // The nearest known update of the same replica, before or after.
  const Event* neighbour(Dot hole, int step, const Updates& known) const {
    const auto& line = known.made_by(hole.replica);
    for (auto k = static_cast<std::ptrdiff_t>(hole.counter) - 1 + step;
         k >= 0 && k < static_cast<std::ptrdiff_t>(line.size()); k += step) {
      std::uint32_t event = line[static_cast<std::size_t>(k)];
      if (event != nobody) return &object_.events[event];
    }
    return nullptr;
  }

  // What the update before it at its replica saw; and in sessions, what its process and its replica
  // had seen in replies that were over when it began.
  void least(const Event& event, const Updates& known, Context& seen) const {
    Context other;
    auto join = [&](const Event& from, bool own) {
      known.context_of(from, own, other);
      for (std::size_t r = 0; r < seen.size(); ++r) seen[r] = std::max(seen[r], other[r]);
    };
    if (const Event* last = neighbour(event.dot, -1, known)) join(*last, true);
    if (!demands_.sessions) return;
    for (const Event& past : object_.events) {
      if (past.invoked > event.invoked) break;
      if (!past.witnessed || past.completed > event.invoked) continue;
      bool own = past.process == event.process || past.answered_by() == event.dot.replica;
      if (own) join(past, true);
    }
  }

  Object& object_;
  const Updates& updates_;
  const Demands& demands_;
  const Budget& budget_;
  std::vector<bool> used_;  // by lost update
};

}  // namespace

std::string judge_holes(Object& object, const Updates& updates,
                        const std::vector<std::uint32_t>& open, const Demands& demands,
                        const Budget& budget, Findings& findings) {
  Meanings meanings(object, updates, demands, budget);
  Tried tried = meanings.deal(0);
  if (tried == Tried::explained) return {};
  std::string why = std::to_string(updates.holes().size()) + " updates, the first of them " +
                    name_of(object, updates.holes().front()) +
                    ", were seen but are named by no reply and no log";
  if (tried == Tried::over_budget) return why + ", and the time budget ended the search for them";
  if (meanings.guesses() || open.empty()) return why + ", and no guess of what they are fits";
  std::vector<const Event*> cited;
  for (std::uint32_t i : open) {
    if (cited.size() < 12) cited.push_back(&object.events[i]);
  }
  findings.add("unexplainable-answer",
               who(object, *cited.front()) + " answered " + answer_of(object, *cited.front()) +
                   " and saw updates whose replies were lost; whichever of those they are, not all "
                   "answers are what they should be.",
               cited);
  return {};
}

}  // namespace sunder::replicated
