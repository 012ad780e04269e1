#include "tests/checker/support/replicated_twin.h"

#include <algorithm>
#include <map>
#include <set>

namespace sunder::testing_support {
namespace {

using namespace replicated;
using Events = std::set<std::size_t>;

bool includes(const Events& all, const Events& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

/// An abstract execution: events, and for each the updates that it saw.
class Execution {
 public:
  Execution(const Object& object, const Demands& demands) : object_(object), demands_(demands) {
    for (const Event& event : object.events) {
      if (event.verb != Verb::log) events_.push_back(&event);
    }
    saw_.resize(events_.size());
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (is_update(events_[i]->verb)) updates_.push_back(i);
    }
  }

  bool some_visibility() { return choose(0); }

  bool witnessed() {
    if (!place_dots()) return false;
    return deal(0);
  }

 private:
  const Event& at(std::size_t i) const { return *events_[i]; }
  bool before(std::size_t a, std::size_t b) const {
    return at(a).ok() && at(a).completed < at(b).invoked;
  }

  bool choose(std::size_t i) {
    if (i == events_.size()) return lawful() && answers();
    std::vector<std::size_t> possible;
    for (std::size_t u : updates_) {
      if (u != i && at(u).invoked < at(i).completed) possible.push_back(u);
    }
    for (std::uint32_t choice = 0; choice < 1U << possible.size(); ++choice) {
      saw_[i].clear();
      for (std::size_t k = 0; k < possible.size(); ++k) {
        if ((choice >> k & 1) != 0) saw_[i].insert(possible[k]);
      }
      if (choose(i + 1)) return true;
    }
    return false;
  }

  // The laws of visibility.
  bool lawful() const {
    for (std::size_t e = 0; e < events_.size(); ++e) {
      if (!happened(e)) continue;
      for (std::size_t u : saw_[e]) {
        if (at(u).invoked > at(e).completed) return false;
        if (demands_.causal && !includes(saw_[e], saw_[u])) return false;
      }
      for (std::size_t f = 0; f < events_.size(); ++f) {
        if (!before(f, e)) continue;
        bool session = demands_.sessions && at(f).process == at(e).process;
        bool final_read = at(e).verb == Verb::final_read;
        bool update = is_update(at(f).verb);
        if (session && !includes(saw_[e], saw_[f])) return false;
        if ((session || final_read) && update && !saw_[e].contains(f)) return false;
      }
    }
    return acyclic();
  }

  bool happened(std::size_t e) const {
    return at(e).ok() || std::any_of(saw_.begin(), saw_.end(),
                                     [&](const Events& saw) { return saw.contains(e); });
  }

  bool acyclic() const {
    std::vector<Events> reached = saw_;
    for (std::size_t round = 0; round < updates_.size(); ++round) {
      for (std::size_t u : updates_) {
        for (std::size_t v : Events(reached[u])) {
          reached[u].insert(reached[v].begin(), reached[v].end());
        }
      }
    }
    return std::none_of(updates_.begin(), updates_.end(),
                        [&](std::size_t u) { return reached[u].contains(u); });
  }

  bool answers() const {
    if (object_.kind == Kind::lww_register) return last_writers();
    for (std::size_t e = 0; e < events_.size(); ++e) {
      if (at(e).answered && !answer(e)) return false;
    }
    return object_.kind != Kind::list || list_order();
  }

  Events context(std::size_t e) const {
    Events context = saw_[e];
    if (is_update(at(e).verb)) context.insert(e);
    return context;
  }

  bool answer(std::size_t e) const {
    Events visible = context(e);
    if (object_.kind == Kind::g_counter || object_.kind == Kind::pn_counter) {
      std::int64_t sum = 0;
      for (std::size_t u : visible) sum += at(u).amount;
      return sum == at(e).number;
    }
    std::multiset<std::int32_t> due;
    std::set<std::int32_t> once;
    for (std::size_t u : visible) {
      bool puts =
          at(u).verb == Verb::add || at(u).verb == Verb::write || at(u).verb == Verb::insert;
      bool gone = std::any_of(visible.begin(), visible.end(),
                              [&](std::size_t v) { return takes_out(v, u); });
      if (puts && !gone && once.insert(at(u).input).second) due.insert(at(u).input);
    }
    auto said = object_.elements_of(at(e));
    return due == std::multiset<std::int32_t>(said.begin(), said.end());
  }

  bool takes_out(std::size_t v, std::size_t u) const {
    switch (at(v).verb) {
      case Verb::write: return saw_[v].contains(u);
      case Verb::remove: return saw_[v].contains(u) && at(v).input == at(u).input;
      case Verb::erase: return at(v).input == at(u).input;
      default: return false;
    }
  }

  // Some arbitration; where there are stamps, one that agrees with them.
  bool last_writers() const {
    std::vector<std::size_t> order = updates_;
    do {
      if (by_stamps(order) && arbitrated(order)) return true;
    } while (std::next_permutation(order.begin(), order.end()));
    return false;
  }

  bool by_stamps(const std::vector<std::size_t>& order) const {
    std::vector<const Stamp*> stamps;
    for (std::size_t u : order) {
      if (at(u).stamp) stamps.push_back(&*at(u).stamp);
    }
    for (std::size_t i = 1; i < stamps.size(); ++i) {
      const Stamp& x = *stamps[i - 1];
      const Stamp& y = *stamps[i];
      bool later_node = (*object_.values)[x.node] < (*object_.values)[y.node];
      if (x.time != y.time ? x.time > y.time : !later_node) return false;
    }
    return true;
  }

  bool arbitrated(const std::vector<std::size_t>& order) const {
    std::map<std::size_t, std::size_t> rank;
    for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
    for (std::size_t u : order) {
      for (std::size_t v : saw_[u]) {
        if (demands_.causal_arbitration && rank[v] > rank[u]) return false;
      }
    }
    for (std::size_t e = 0; e < events_.size(); ++e) {
      if (!at(e).answered) continue;
      std::int32_t value = 0;
      for (std::size_t u : order) {
        if (context(e).contains(u)) value = at(u).input;
      }
      if (value != at(e).answer) return false;
    }
    return true;
  }

  bool list_order() const {
    std::vector<std::vector<std::int32_t>> documents;
    std::map<Events, std::vector<std::int32_t>> by_context;
    for (std::size_t e = 0; e < events_.size(); ++e) {
      if (!at(e).answered) continue;
      auto said = object_.elements_of(at(e));
      documents.emplace_back(said.begin(), said.end());
      if (at(e).verb == Verb::insert) {
        if (said.empty()) return false;
        std::size_t due = std::min<std::size_t>(at(e).position, said.size() - 1);
        if (said[due] != at(e).input) return false;
      }
      auto [seen, added] = by_context.emplace(context(e), documents.back());
      if (!added && seen->second != documents.back()) return false;
    }
    if (demands_.order == Demands::Order::weak) return weak(documents);
    return demands_.order != Demands::Order::strong || strong(documents);
  }

  static bool weak(const std::vector<std::vector<std::int32_t>>& documents) {
    std::set<std::pair<std::int32_t, std::int32_t>> order;
    for (const auto& list : documents) {
      for (std::size_t i = 0; i < list.size(); ++i) {
        for (std::size_t k = i + 1; k < list.size(); ++k) order.emplace(list[i], list[k]);
      }
    }
    return std::none_of(order.begin(), order.end(), [&](const auto& pair) {
      return order.contains({pair.second, pair.first});
    });
  }

  static bool strong(const std::vector<std::vector<std::int32_t>>& documents) {
    std::set<std::int32_t> elements;
    for (const auto& list : documents) elements.insert(list.begin(), list.end());
    std::vector<std::int32_t> order(elements.begin(), elements.end());
    do {
      std::map<std::int32_t, std::size_t> rank;
      for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
      bool fits = true;
      for (const auto& list : documents) {
        for (std::size_t i = 1; i < list.size(); ++i) fits &= rank[list[i - 1]] < rank[list[i]];
      }
      if (fits) return true;
    } while (std::next_permutation(order.begin(), order.end()));
    return false;
  }

  // ---- with a witness ----

  bool place_dots() {
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (at(i).dot.counter != 0 && !by_dot_.emplace(at(i).dot, i).second) return false;
    }
    std::set<Dot> holes;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      for (Dot dot : dots_of(i)) {
        if (!by_dot_.contains(dot)) holes.insert(dot);
      }
    }
    holes_.assign(holes.begin(), holes.end());
    return holes_.size() <= updates_.size();
  }

  std::set<Dot> dots_of(std::size_t i) const {
    std::set<Dot> dots;
    for (const Seen& seen : object_.seen_by(at(i))) {
      if (seen.replica == at(i).dot.replica && at(i).dot.counter != 0) continue;
      for (std::uint32_t k = 1; k <= std::min(seen.counter, 99U); ++k)
        dots.insert({seen.replica, k});
    }
    for (std::uint32_t k = 1; k < at(i).dot.counter; ++k) dots.insert({at(i).dot.replica, k});
    return dots;
  }

  bool deal(std::size_t hole) {
    if (hole == holes_.size()) return as_witnessed();
    for (std::size_t u : updates_) {
      if (at(u).ok() || taken_.contains(u)) continue;
      taken_.insert(u);
      by_dot_[holes_[hole]] = u;
      if (deal(hole + 1)) return true;
      taken_.erase(u);
      by_dot_.erase(holes_[hole]);
    }
    return false;
  }

  bool as_witnessed() {
    for (std::size_t i = 0; i < events_.size(); ++i) {
      saw_[i].clear();
      for (Dot dot : dots_of(i)) saw_[i].insert(by_dot_.at(dot));
      saw_[i].erase(i);
    }
    std::vector<std::size_t> guessed(taken_.begin(), taken_.end());
    return guess(guessed, 0);
  }

  // A lost update saw all that came before at its replica, and of the others any number.
  bool guess(const std::vector<std::size_t>& guessed, std::size_t next) {
    if (next == guessed.size()) return own_counts() && lines() && lawful() && answers();
    Dot own;
    std::map<std::uint32_t, std::uint32_t> most;
    for (auto [dot, u] : by_dot_) {
      if (u == guessed[next]) own = dot;
      most[dot.replica] = std::max(most[dot.replica], dot.counter);
    }
    std::vector<Events> choices{{}};
    for (auto [replica, last] : most) {
      std::vector<Events> longer;
      bool mine = replica == own.replica;
      for (const Events& choice : choices) {
        for (std::uint32_t k = mine ? own.counter - 1 : 0; k <= (mine ? own.counter - 1 : last);
             ++k) {
          longer.push_back(choice);
          for (std::uint32_t c = 1; c <= k; ++c) longer.back().insert(by_dot_.at({replica, c}));
        }
      }
      choices = std::move(longer);
    }
    for (const Events& choice : choices) {
      saw_[guessed[next]] = choice;
      if (guess(guessed, next + 1)) return true;
    }
    return false;
  }

  bool own_counts() const {
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (at(i).dot.counter == 0) continue;
      std::uint32_t said = 0;
      for (const Seen& seen : object_.seen_by(at(i))) {
        if (seen.replica == at(i).dot.replica) said = seen.counter;
      }
      if (said > at(i).dot.counter) return false;
      if (demands_.sessions && said + 1 < at(i).dot.counter) return false;
    }
    return true;
  }

  // What a replica saw only grows: along its updates, and in time.
  bool lines() const {
    if (!demands_.sessions) return true;
    for (auto [dot, u] : by_dot_) {
      for (auto [other, v] : by_dot_) {
        bool later = dot.replica == other.replica && dot.counter < other.counter;
        if (later && !includes(saw_[v], saw_[u])) return false;
        bool in_time = dot.replica == other.replica && before(u, v);
        if (in_time && !saw_[v].contains(u)) return false;
      }
    }
    return true;
  }

  const Object& object_;
  const Demands& demands_;
  std::vector<const Event*> events_;
  std::vector<std::size_t> updates_;
  std::vector<Events> saw_;
  std::map<Dot, std::size_t> by_dot_;
  std::vector<Dot> holes_;
  Events taken_;
};

}  // namespace

bool twin_explains(const Object& object, const Demands& demands) {
  return Execution(object, demands).some_visibility();
}

bool twin_agrees(const Object& object, const Demands& demands) {
  return Execution(object, demands).witnessed();
}

}  // namespace sunder::testing_support
