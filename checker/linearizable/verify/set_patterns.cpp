#include <vector>

#include "checker/linearizable/verbs.h"
#include "checker/linearizable/verify/patterns.h"

namespace sunder::linearizable {
namespace {

/// What the whole history does with one element.
struct Uses {
  std::vector<const Operation*> adds;     // that may have put it in
  std::vector<const Operation*> removes;  // that may have taken it away
};

bool found_it(const Operation& operation) {
  std::uint32_t verb = operation.call.verb;
  return !operation.crashed() &&
         (verb == set_verb::contains || verb == set_verb::add_present || verb == set_verb::remove);
}
bool missed_it(const Operation& operation) {
  std::uint32_t verb = operation.call.verb;
  return !operation.crashed() && (verb == set_verb::absent || verb == set_verb::remove_absent);
}
bool put_it_in(const Operation& operation) {
  std::uint32_t verb = operation.call.verb;
  return !operation.crashed() && (verb == set_verb::add || verb == set_verb::add_any);
}

Uses uses_of(std::span<const Operation> all, std::int32_t element) {
  Uses uses;
  for (const Operation& operation : all) {
    if (operation.call.input != element) continue;
    std::uint32_t verb = operation.call.verb;
    if (verb == set_verb::add || verb == set_verb::add_any) uses.adds.push_back(&operation);
    if (verb == set_verb::remove || verb == set_verb::remove_any) {
      uses.removes.push_back(&operation);
    }
  }
  return uses;
}

std::string before_add(const Claim& claim, const Uses& uses) {
  if (claim.cited.size() != 2 || !found_it(claim.at(1))) return "it must name a call that found it";
  bool early = claim.at(1).returned < uses.adds.front()->invoked;
  return early ? "" : "the call did not return before the add";
}

std::string after_remove(const Claim& claim) {
  bool removed = claim.cited.size() == 2 && found_it(claim.at(0)) &&
                 claim.at(0).call.verb == set_verb::remove && found_it(claim.at(1));
  if (!removed) return "it must name a remove and a call that found the element";
  bool late = claim.at(0).returned < claim.at(1).invoked;
  return late ? "" : "the call was not made after the remove";
}

/// Something shows that the element came before the call, and it had not gone before the call was
/// over: it was found later, or nothing could have removed it by then.
std::string absent_while_present(const Claim& claim, const Uses& uses) {
  if (claim.cited.size() < 2 || !missed_it(claim.at(0))) {
    return "it must name a call that missed the element";
  }
  const Operation& absent = claim.at(0);
  bool came =
      (found_it(claim.at(1)) || put_it_in(claim.at(1))) && claim.at(1).returned < absent.invoked;
  if (!came) return "nothing shows that the element had come";
  bool found_later =
      claim.cited.size() > 2 && found_it(claim.at(2)) && claim.at(2).invoked > absent.returned;
  for (const Operation* remove : uses.removes) {
    if (!found_later && remove->invoked < absent.returned) return "the element may have gone";
  }
  return {};
}

}  // namespace

std::string disprove_set(const Claim& claim) {
  if (claim.cited.empty()) return "it must name calls";
  std::int32_t element = claim.at(0).call.input;
  for (std::uint32_t i : claim.cited) {
    const Call& call = claim.all[i].call;
    if (call.input != element || call.verb == set_verb::read_all) {
      return "the calls are not about one element";
    }
  }
  Uses uses = uses_of(claim.all, element);
  if (claim.pattern == "never-added") {
    return uses.adds.empty() && found_it(claim.at(0)) ? "" : "the element was added";
  }
  if (uses.adds.size() != 1) return "the element was not added once";
  if (claim.pattern == "present-before-add") return before_add(claim, uses);
  if (claim.pattern == "present-after-remove") return after_remove(claim);
  if (claim.pattern == "absent-while-present") return absent_while_present(claim, uses);
  return "sets have no such pattern";
}

}  // namespace sunder::linearizable
