#include <map>
#include <optional>
#include <set>

#include "checker/linearizable/verbs.h"
#include "checker/linearizable/verify/patterns.h"

namespace sunder::linearizable {
namespace {

using register_verb::cas;
using register_verb::read;
using register_verb::write;

bool reads(const Call& call) {
  return call.verb == read || (call.verb == cas && call.input == call.output);
}
bool replaces(const Call& call) { return call.verb == cas && call.input != call.output; }
bool sets(const Call& call) { return call.verb == write || replaces(call); }
/// The value that a call is about: what it left, or what it read.
std::int32_t value_of(const Call& call) { return call.verb == write ? call.input : call.output; }

/// Where a value comes from: the first value of its block, and how many cas led to it.
struct Origin {
  std::int32_t value = 0;
  std::size_t steps = 0;
};

class Provenance {
 public:
  Provenance(std::span<const Operation> all, std::int32_t initial) : initial_(initial) {
    for (const Operation& operation : all) {
      const Call& call = operation.call;
      if (sets(call)) setters_[value_of(call)].push_back(&operation);
      if (operation.crashed()) continue;
      if (reads(call)) found_.insert(value_of(call));
      if (replaces(call)) found_.insert(call.input);
    }
    // A crashed cas whose value was found did happen.
    for (bool more = true; more;) {
      more = false;
      for (const Operation& operation : all) {
        bool happened = replaces(operation.call) && found_.contains(operation.call.output);
        if (happened && found_.insert(operation.call.input).second) more = true;
      }
    }
  }

  bool happened(const Operation& operation) const {
    return !operation.crashed() ||
           (sets(operation.call) && found_.contains(value_of(operation.call)));
  }
  /// The number of calls that set the value, the beginning included.
  std::size_t times_set(std::int32_t value) const {
    auto at = setters_.find(value);
    return (at == setters_.end() ? 0 : at->second.size()) + (value == initial_ ? 1 : 0);
  }
  /// Nullopt when some value on the way back was not set exactly once.
  std::optional<Origin> origin(std::int32_t value) const {
    Origin origin{value, 0};
    while (origin.steps <= setters_.size()) {
      if (times_set(origin.value) != 1) return {};
      if (origin.value == initial_) return origin;
      const Call& setter = setters_.at(origin.value).front()->call;
      if (setter.verb == write) return origin;
      origin.value = setter.input;
      ++origin.steps;
    }
    return {};
  }

 private:
  std::int32_t initial_;
  std::map<std::int32_t, std::vector<const Operation*>> setters_;  // by value
  std::set<std::int32_t> found_;  // values that some call that happened has found
};

std::string two_cas(const Claim& claim, const Provenance& provenance) {
  if (claim.cited.size() != 2 || claim.cited[0] == claim.cited[1]) return "it must name two calls";
  const Call& one = claim.at(0).call;
  const Call& other = claim.at(1).call;
  if (!replaces(one) || !replaces(other) || one.input != other.input) {
    return "the calls are no two cas of one value";
  }
  return provenance.times_set(one.input) == 1 ? "" : "the value was not set exactly once";
}

std::string from_nowhere(const Claim& claim, const Provenance& provenance) {
  if (claim.cited.size() != 1) return "it must name one call";
  const Call& call = claim.at(0).call;
  if (!reads(call) && !replaces(call)) return "the call finds no value";
  std::int32_t value = reads(call) ? value_of(call) : call.input;
  return provenance.times_set(value) == 0 ? "" : "the value that it found was set";
}

std::string value_order(const Claim& claim, const Provenance& provenance) {
  if (claim.cited.size() != 2) return "it must name two calls";
  const Operation& before = claim.at(0);
  const Operation& after = claim.at(1);
  auto from = provenance.origin(value_of(before.call));
  auto to = provenance.origin(value_of(after.call));
  if (!from || !to || from->value != to->value) return "the calls are not about one block";
  std::size_t rank = 2 * from->steps + (sets(before.call) ? 0 : 1);
  if (rank >= 2 * to->steps + (sets(after.call) ? 0 : 1)) {
    return "the second call does not build on the first";
  }
  return after.returned < before.invoked ? "" : "the second call did not return before the first";
}

std::string cas_cycle(const Claim& claim, const Provenance& provenance) {
  if (claim.cited.empty()) return "it must name calls";
  for (std::size_t i = 0; i < claim.cited.size(); ++i) {
    const Call& call = claim.at(i).call;
    const Call& before = claim.at((i + claim.cited.size() - 1) % claim.cited.size()).call;
    if (!replaces(call) || !replaces(before) || call.input != before.output) {
      return "a call does not find what the one before it left";
    }
    if (provenance.times_set(call.input) != 1) return "a value was not set exactly once";
  }
  return {};
}

std::string crossing(const Claim& claim, const Provenance& provenance) {
  if (claim.cited.size() != 4) return "it must name four calls";
  std::vector<std::int32_t> blocks;
  for (std::size_t i = 0; i < 4; ++i) {
    auto origin = provenance.origin(value_of(claim.at(i).call));
    if (!origin) return "a value was not set exactly once";
    blocks.push_back(origin->value);
  }
  if (blocks[0] != blocks[1] || blocks[2] != blocks[3] || blocks[0] == blocks[2]) {
    return "the calls do not belong to two blocks";
  }
  bool crosses =
      claim.at(0).returned < claim.at(3).invoked && claim.at(2).returned < claim.at(1).invoked;
  return crosses ? "" : "the blocks do not cross";
}

std::string initial_again(const Claim& claim, const Provenance& provenance, std::int32_t initial) {
  if (claim.cited.size() != 2) return "it must name two calls";
  auto other = provenance.origin(value_of(claim.at(0).call));
  auto first = provenance.origin(value_of(claim.at(1).call));
  if (!other || !first) return "a value was not set exactly once";
  if (first->value != initial || other->value == initial) {
    return "the calls are not about the first value and another one";
  }
  bool late = claim.at(0).returned < claim.at(1).invoked;
  return late ? "" : "the first value is not needed after another one";
}

}  // namespace

std::string disprove_register(const Claim& claim, std::int32_t initial) {
  Provenance provenance(claim.all, initial);
  for (std::uint32_t i : claim.cited) {
    if (!provenance.happened(claim.all[i])) return "a call in it need not have happened";
    if (!sets(claim.all[i].call) && !reads(claim.all[i].call))
      return "a call in it is a failed cas";
  }
  if (claim.pattern == "two-cas-of-one-value") return two_cas(claim, provenance);
  if (claim.pattern == "value-from-nowhere") return from_nowhere(claim, provenance);
  if (claim.pattern == "value-order") return value_order(claim, provenance);
  if (claim.pattern == "cas-cycle") return cas_cycle(claim, provenance);
  if (claim.pattern == "crossing-blocks") return crossing(claim, provenance);
  if (claim.pattern == "initial-value-again") return initial_again(claim, provenance, initial);
  return "registers have no such pattern";
}

}  // namespace sunder::linearizable
