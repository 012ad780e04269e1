#include <algorithm>
#include <bit>
#include <set>

#include "checker/replicated/bare.h"

namespace sunder::replicated {
namespace {

using Mask = std::uint64_t;
constexpr std::size_t events_limit = 62;

Mask bit(std::size_t at) { return Mask{1} << at; }

template <class Visit>
void each(Mask mask, Visit visit) {
  for (; mask != 0; mask &= mask - 1) visit(static_cast<std::size_t>(std::countr_zero(mask)));
}

/// Chooses what each event saw, in order of their completions, so that what a session and most
/// visible updates saw is known when it matters.
class Visibility {
 public:
  Visibility(const Object& object, const Demands& demands, const Budget& budget)
      : object_(object), demands_(demands), budget_(budget) {
    for (const Event& event : object.events) {
      if (event.verb != Verb::log) events_.push_back(&event);
    }
    if (events_.size() > events_limit) return;
    std::sort(events_.begin(), events_.end(), [](const Event* a, const Event* b) {
      return a->completed != b->completed ? a->completed < b->completed : a->invoked < b->invoked;
    });
    saw_.resize(events_.size(), 0);
    below_.resize(events_.size(), 0);
    for (std::size_t i = 0; i < events_.size(); ++i) prepare(i);
  }

  Search run() {
    if (events_.size() > events_limit) return {Searched::too_large};
    bool found = assign(0);
    if (found) return {Searched::found};
    if (over_) return {Searched::over_budget};
    return {Searched::none, events_[std::min(deepest_, events_.size() - 1)]};
  }

 private:
  void prepare(std::size_t i) {
    const Event& event = *events_[i];
    Mask possible = 0;
    Mask session = 0;
    Mask acknowledged = 0;
    for (std::size_t j = 0; j < events_.size(); ++j) {
      const Event& other = *events_[j];
      if (j == i) continue;
      if (is_update(other.verb) && other.invoked < event.completed) possible |= bit(j);
      bool earlier = other.ok() && other.completed < event.invoked;
      if (other.process == event.process && earlier) session |= bit(j);
      if (is_update(other.verb) && earlier) acknowledged |= bit(j);
    }
    possible_.push_back(possible);
    session_.push_back(demands_.sessions ? session : 0);
    acknowledged_.push_back(event.verb == Verb::final_read ? acknowledged : 0);
    if (is_update(event.verb)) updates_ |= bit(i);
  }

  // What other updates saw matters for the answers of these only.
  bool past_matters() const {
    return object_.kind == Kind::mv_register || object_.kind == Kind::or_set;
  }

  bool assign(std::size_t i) {
    deepest_ = std::max(deepest_, i);
    if (i == events_.size()) return true;
    Mask forced = acknowledged_[i];
    each(session_[i], [&](std::size_t j) { forced |= saw_[j] | (bit(j) & updates_); });
    if (demands_.causal) {
      each(forced, [&](std::size_t j) { forced |= j < i ? saw_[j] : 0; });
    }
    if ((forced & ~possible_[i]) != 0) return false;
    // Where it is free, seeing less is never worse: it leaves more to those who see this update.
    bool free = !events_[i]->answered && (!past_matters() || unseen(i));
    Mask choice = free ? 0 : possible_[i] & ~forced;
    for (Mask more = choice;; more = (more - 1) & choice) {
      if (try_one(i, forced | more)) return true;
      if (over_ || more == 0) return false;
    }
  }

  // An update without a reply that nobody has seen: it need not have happened.
  bool unseen(std::size_t i) const {
    if (events_[i]->ok() || !is_update(events_[i]->verb)) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if ((saw_[j] & bit(i)) != 0) return false;
    }
    return true;
  }

  bool try_one(std::size_t i, Mask saw) {
    if (++steps_ % 1024 == 0 && budget_.over(0)) over_ = true;
    if (over_) return false;
    saw_[i] = saw;
    if (!acyclic(i) || !closed(i)) return false;
    if (object_.kind == Kind::lww_register) return arbitrate(i);
    for (std::size_t j = 0; j <= i; ++j) {
      if (events_[j]->answered && due(j, i) && !explains(j)) return false;
    }
    return assign(i + 1);
  }

  bool acyclic(std::size_t i) const {
    Mask reached = saw_[i];
    for (Mask before = 0; before != reached;) {
      before = reached;
      each(before, [&](std::size_t j) { reached |= j <= i ? saw_[j] : 0; });
    }
    return (reached & bit(i)) == 0;
  }

  bool closed(std::size_t i) const {
    if (!demands_.causal) return true;
    for (std::size_t j = 0; j < i; ++j) {
      if ((saw_[j] & bit(i)) != 0 && (saw_[i] & ~saw_[j]) != 0) return false;
      if ((saw_[i] & bit(j)) != 0 && (saw_[j] & ~saw_[i]) != 0) return false;
    }
    return true;
  }

  // Whether event j can be judged as soon as i is chosen, and could not before.
  bool due(std::size_t j, std::size_t i) const {
    if (!past_matters()) return j == i;
    return static_cast<std::size_t>(std::bit_width(saw_[j] | bit(j))) == i + 1;
  }

  Mask visible(std::size_t j) const { return saw_[j] | (is_update(events_[j]->verb) ? bit(j) : 0); }

  bool explains(std::size_t j) const {
    const Event& reply = *events_[j];
    if (object_.kind == Kind::g_counter || object_.kind == Kind::pn_counter) {
      std::int64_t sum = 0;
      each(visible(j), [&](std::size_t u) { sum += events_[u]->amount; });
      return sum == reply.number;
    }
    auto said = object_.elements_of(reply);
    std::set<std::int32_t> answer(said.begin(), said.end());
    std::set<std::int32_t> meant;
    each(visible(j), [&](std::size_t u) {
      if (events_[u]->verb != Verb::remove && !overwritten(u, visible(j))) {
        meant.insert(events_[u]->input);
      }
    });
    return answer.size() == said.size() && answer == meant;
  }

  bool overwritten(std::size_t u, Mask among) const {
    bool gone = false;
    each(among, [&](std::size_t v) {
      bool takes = events_[v]->verb == Verb::write ||
                   (events_[v]->verb == Verb::remove && events_[v]->input == events_[u]->input);
      gone = gone || (takes && (saw_[v] & bit(u)) != 0);
    });
    return gone;
  }

  // The last writer of what was seen is one of those that wrote the answer; all others are before
  // it. With causal arbitration, so is everything that a write saw.
  bool arbitrate(std::size_t i) {
    const Event& event = *events_[i];
    std::vector<Mask> kept = below_;
    if (demands_.causal_arbitration && is_update(event.verb)) below_[i] |= saw_[i];
    bool found = false;
    if (!event.answered) {
      found = ordered() && assign(i + 1);
    } else if (visible(i) == 0) {
      found = event.answer == 0 && assign(i + 1);
    } else {
      std::vector<Mask> start = below_;
      each(visible(i), [&](std::size_t winner) {
        if (found || events_[winner]->input != event.answer) return;
        below_ = start;
        below_[winner] |= visible(i) & ~bit(winner);
        found = ordered() && assign(i + 1);
      });
    }
    below_ = std::move(kept);
    return found;
  }

  bool ordered() const {
    Mask left = updates_;
    for (bool moved = true; moved && left != 0;) {
      moved = false;
      each(left, [&](std::size_t u) {
        if ((below_[u] & left) != 0) return;
        left &= ~bit(u);
        moved = true;
      });
    }
    return left == 0;
  }

  const Object& object_;
  const Demands& demands_;
  const Budget& budget_;
  std::vector<const Event*> events_;  // in order of completion
  std::vector<Mask> possible_;        // updates that had been invoked
  std::vector<Mask> session_;         // earlier events of the process
  std::vector<Mask> acknowledged_;    // what a final read must see
  std::vector<Mask> saw_;             // the choice
  std::vector<Mask> below_;           // writes that lose against this one
  Mask updates_ = 0;
  std::size_t deepest_ = 0;
  std::uint64_t steps_ = 0;
  bool over_ = false;
};

}  // namespace

Search search_visibility(const Object& object, const Demands& demands, const Budget& budget) {
  return Visibility(object, demands, budget).run();
}

}  // namespace sunder::replicated
