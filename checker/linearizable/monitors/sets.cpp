// Sets of which every element is added at most once and removed at most once.
//
// Elements do not depend on each other. Each is there during one stretch of time: it surely is from
// the first return of a call that put it in or found it to the last call of one that found it or
// took it away. Only a call that found it absent within that stretch contradicts the others.

#include <algorithm>

#include "checker/linearizable/monitors/contents.h"
#include "checker/linearizable/monitors/monitors.h"
#include "checker/linearizable/verbs.h"

namespace sunder::linearizable {
namespace {

using Outcome = Decision::Outcome;

constexpr const char* stretch_theorem = "an element that is added once is there once";

enum class Role : std::uint8_t { adds, removes, present, absent, other };
Role role_of(std::uint32_t verb) {
  switch (verb) {
    case set_verb::add:
    case set_verb::add_any: return Role::adds;
    case set_verb::remove:
    case set_verb::remove_any: return Role::removes;
    case set_verb::contains:
    case set_verb::add_present: return Role::present;
    case set_verb::absent:
    case set_verb::remove_absent: return Role::absent;
    default: return Role::other;
  }
}

/// The calls that matter of one element.
struct Element {
  std::uint32_t add = no_operation;
  std::uint32_t remove = no_operation;
  std::uint32_t first_found = no_operation;  // of the calls that found it, the one to return first
  std::uint32_t last_found = no_operation;   // and the one that was called last
  std::uint32_t last_absent = no_operation;  // called last
  bool removes = false;                      // the remove took it away
};

class Sets {
 public:
  explicit Sets(std::span<const Operation> operations) : operations_(operations) {}

  Decision run(bool wants_order) {
    if (!collect()) return {};
    for (Element& element : elements_) {
      if (std::optional<Decision> wrong = settle(element)) return *wrong;
    }
    for (std::uint32_t i = 0; i < operations_.size(); ++i) {
      if (role_of(operations_[i].call.verb) != Role::absent) continue;
      const Element& element = of(operations_[i]);
      if (covered(operations_[i], element)) return absent_while_present(i, element);
    }
    Decision decision{.outcome = Outcome::linearizable};
    if (wants_order) decision.order = witness();
    return decision;
  }

 private:
  std::uint32_t invoked(std::uint32_t i) const { return operations_[i].invoked; }
  std::uint32_t returned(std::uint32_t i) const { return operations_[i].returned; }
  Element& of(const Operation& operation) {
    auto at = static_cast<std::size_t>(operation.call.input);
    if (at >= elements_.size()) elements_.resize(std::max(2 * elements_.size(), at + 1));
    return elements_[at];
  }

  /// False when this is no history for a monitor.
  bool collect() {
    for (std::uint32_t i = 0; i < operations_.size(); ++i) {
      const Operation& operation = operations_[i];
      Element& element = of(operation);
      switch (role_of(operation.call.verb)) {
        case Role::adds:
          if (std::exchange(element.add, i) != no_operation) return false;
          break;
        case Role::removes:
          if (std::exchange(element.remove, i) != no_operation) return false;
          break;
        case Role::present:
          if (element.first_found == no_operation ||
              operation.returned < returned(element.first_found)) {
            element.first_found = i;
          }
          element.last_found = i;  // operations come in order of their calls
          break;
        case Role::absent: element.last_absent = i; break;
        case Role::other: return false;
      }
    }
    return true;
  }

  /// Finds out whether the remove took the element away, and checks that the calls that need it
  /// there come after the add and before the remove.
  std::optional<Decision> settle(Element& element) const {
    bool must_remove =
        element.remove != no_operation && operations_[element.remove].call.verb == set_verb::remove;
    std::uint32_t needs_it = must_remove ? element.remove : element.first_found;
    if (element.add == no_operation) {
      if (needs_it != no_operation) return never_added(needs_it);
      return {};
    }
    if (operations_[element.add].crashed() && needs_it == no_operation) {
      element.add = no_operation;  // it may not have happened, and nobody minds
      return {};
    }
    element.removes = must_remove || wants_removal(element);
    for (std::uint32_t i : {element.first_found, must_remove ? element.remove : no_operation}) {
      if (i != no_operation && returned(i) < invoked(element.add)) {
        return before_add(element.add, i);
      }
    }
    if (!element.removes) return {};
    bool too_late = element.last_found != no_operation &&
                    returned(element.remove) < invoked(element.last_found);
    if (too_late && must_remove) return after_remove(element.remove, element.last_found);
    // What must happen although a remove of unknown effect stands in the way is left to the search.
    bool vain = too_late || returned(element.remove) < invoked(element.add);
    return vain ? std::optional(Decision{}) : std::nullopt;
  }

  /// Whether a remove that may have found nothing must have found the element.
  bool wants_removal(const Element& element) const {
    if (element.remove == no_operation) return false;
    std::uint32_t there = came(element);
    bool can_be_vain = operations_[element.remove].crashed() || invoked(element.remove) < there;
    bool was_absent = element.last_absent != no_operation && invoked(element.last_absent) >= there;
    return !can_be_vain || was_absent;
  }

  /// The element is surely there from this position ...
  std::uint32_t came(const Element& element) const {
    std::uint32_t at = returned(element.add);
    if (element.first_found != no_operation) at = std::min(at, returned(element.first_found));
    return element.removes ? std::min(at, returned(element.remove)) : at;
  }
  /// ... to this one, unless they are the wrong way round.
  std::uint32_t went(const Element& element) const {
    if (!element.removes) return open_end;
    std::uint32_t at = std::max(invoked(element.remove), invoked(element.add));
    return element.last_found == no_operation ? at : std::max(at, invoked(element.last_found));
  }

  bool covered(const Operation& absent, const Element& element) const {
    return element.add != no_operation && absent.invoked >= came(element) &&
           absent.returned <= went(element);
  }

  static Decision never_added(std::uint32_t i) {
    return refuted({.name = "never-added",
                    .theorem = stretch_theorem,
                    .operations = {i},
                    .explanation = "an element was there that was never added."});
  }
  static Decision before_add(std::uint32_t add, std::uint32_t i) {
    return refuted({.name = "present-before-add",
                    .theorem = stretch_theorem,
                    .operations = {add, i},
                    .explanation = "an element was there before it was added."});
  }
  static Decision after_remove(std::uint32_t remove, std::uint32_t i) {
    return refuted({.name = "present-after-remove",
                    .theorem = stretch_theorem,
                    .operations = {remove, i},
                    .explanation = "an element was there after it had been removed for good."});
  }

  Decision absent_while_present(std::uint32_t absent, const Element& element) const {
    std::uint32_t from = element.add;
    bool firm_remove = element.removes && operations_[element.remove].call.verb == set_verb::remove;
    for (std::uint32_t i : {element.first_found, firm_remove ? element.remove : no_operation}) {
      if (i != no_operation && returned(i) < returned(from)) from = i;
    }
    if (returned(from) > invoked(absent)) return {};  // a remove of unknown effect plays a part
    Pattern pattern{.name = "absent-while-present",
                    .theorem = stretch_theorem,
                    .operations = {absent, from},
                    .explanation = "an element was not found although it was there all the time."};
    if (element.removes) {
      bool found = element.last_found != no_operation &&
                   invoked(element.last_found) > invoked(element.remove);
      pattern.operations.push_back(found ? element.last_found : element.remove);
    }
    return refuted(std::move(pattern));
  }

  /// Every call at an instant; at one instant what found the element absent before it came, the
  /// add, what found it, the remove, and what found it absent afterwards.
  std::vector<std::uint32_t> witness() {
    struct Step {
      std::uint32_t instant;
      std::uint32_t turn;
      std::uint32_t operation;
    };
    std::vector<Step> steps;
    steps.reserve(operations_.size());
    for (std::uint32_t i = 0; i < operations_.size(); ++i) {
      const Operation& operation = operations_[i];
      const Element& element = of(operation);
      if (operation.crashed() && i != element.add && !(i == element.remove && element.removes)) {
        continue;
      }
      if (element.add == no_operation) {
        steps.push_back({operation.invoked, 0, i});
        continue;
      }
      std::uint32_t gone = went(element);
      std::uint32_t there = std::min(came(element) - 1, gone);
      switch (role_of(operation.call.verb)) {
        case Role::adds: steps.push_back({there, 1, i}); break;
        case Role::present: steps.push_back({std::max(operation.invoked, there), 2, i}); break;
        case Role::removes:
          if (element.removes) {
            steps.push_back({gone, 3, i});
            break;
          }
          [[fallthrough]];
        default:
          if (operation.invoked <= there) {
            steps.push_back({operation.invoked, 0, i});
          } else {
            steps.push_back({std::max(operation.invoked, gone), 4, i});
          }
      }
    }
    std::sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) {
      return std::tie(a.instant, a.turn, a.operation) < std::tie(b.instant, b.turn, b.operation);
    });
    std::vector<std::uint32_t> order;
    for (const Step& step : steps) order.push_back(step.operation);
    return order;
  }

  std::span<const Operation> operations_;
  std::vector<Element> elements_;  // by id
};

}  // namespace

Decision set_monitor(std::span<const Operation> operations, bool wants_order) {
  return Sets(operations).run(wants_order);
}

}  // namespace sunder::linearizable
