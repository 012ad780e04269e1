// How available the service was during each fault, and on which side of it. Never invalid: no
// consistency model promises an answer.

#include <algorithm>

#include "checker/service/observer.h"

namespace sunder {
namespace {

using service::EndedOp;
using service::Observer;
using service::Rate;

// Looked at: a history may be hostile.
constexpr std::size_t windows_max = 500;
constexpr std::size_t sides_max = 16;

/// The clients of some nodes while a fault was on.
struct Side {
  std::vector<std::string> nodes;
  Rate rate;
  Rate during;  // invoked, and ok if so answered, before the fault began to be undone
};

std::vector<std::string> texts_of(const Value& list) {
  std::vector<std::string> texts;
  if (!list.is_list()) return texts;
  for (const Value& item : list.list()) {
    if (item.is_text()) texts.push_back(item.text());
  }
  return texts;
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The sides of a fault: the groups of a partition, else the nodes that it struck and the others.
/// Empty when its report names neither.
std::vector<Side> sides_of(const FaultWindow& window, const std::vector<std::string>& nodes) {
  std::vector<Side> sides;
  if (const Value* groups = window.evidence.find("groups"); groups && groups->is_list()) {
    for (const Value& group : groups->list()) {
      if (sides.size() < sides_max) sides.push_back({texts_of(group), {}, {}});
    }
    return sides;
  }
  Side struck;
  Side others;
  for (const std::string& node : nodes) {
    (holds(window.targets, node) ? struck : others).nodes.push_back(node);
  }
  if (struck.nodes.empty()) return sides;
  sides.push_back(std::move(struck));
  if (!others.nodes.empty()) sides.push_back(std::move(others));
  return sides;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string percent(const Rate& rate) { return std::to_string(rate.per_mille() / 10) + " %"; }

/// detail: {nodes, no_fault: rate, faults: [{kind, targets, begin, end, confirmed, rate, sides:
/// [{nodes, rate, during}]}], left_out} where a rate is {invoked, ok, ok_per_mille}. An operation
/// belongs to the faults that were on when it was invoked, and to the side of its client's home:
/// process p of n nodes is at home at the node with the number p modulo n, in every world. One that
/// outlasted the fault may have been answered because it was over: `during`, which ends when the
/// fault begins to be undone, does not count it as ok.
class Availability final : public Checker {
 public:
  void begin(const CheckContext&) override {}
  void feed(const OpView& op) override { observer_.feed(op); }

  Verdict finish() override {
    observer_.finish();
    Verdict verdict{.checker = "availability"};
    if (observer_.ops().empty()) {
      verdict.summary = "No client operation was invoked.";
      return verdict;
    }
    verdict.validity = Validity::valid;
    Rate outside;
    Rate inside;
    for (const EndedOp& op : observer_.ops()) {
      (observer_.in_fault(op.invoked) ? inside : outside).add(op);
    }
    List faults;
    for (std::size_t i = 0; i < std::min(observer_.windows().size(), windows_max); ++i) {
      faults.push_back(look_at(observer_.windows()[i], observer_.undone(i)));
    }
    verdict.summary = percent(outside) + " of the operations were ok while no fault was on";
    if (inside.invoked > 0) verdict.summary += ", " + percent(inside) + " during faults";
    verdict.summary += "." + worst_;
    List nodes;
    for (const std::string& node : observer_.nodes()) nodes.emplace_back(node);
    Map detail;
    detail["left_out"] = static_cast<std::int64_t>(observer_.windows().size() - faults.size());
    detail["nodes"] = std::move(nodes);
    detail["no_fault"] = to_value(outside);
    detail["faults"] = std::move(faults);
    verdict.detail = std::move(detail);
    return verdict;
  }

 private:
  Value look_at(const FaultWindow& window, Instant undone) {
    const std::vector<std::string>& nodes = observer_.nodes();
    std::vector<Side> sides = nodes.empty() ? std::vector<Side>{} : sides_of(window, nodes);
    Rate rate;
    for (const EndedOp& op : observer_.between(window.begin, window.end)) {
      rate.add(op);
      if (sides.empty()) continue;
      const std::string& home = nodes[static_cast<std::size_t>(op.process) % nodes.size()];
      for (Side& side : sides) {
        if (!holds(side.nodes, home)) continue;
        side.rate.add(op);
        if (op.invoked >= undone) continue;
        EndedOp meanwhile = op;
        if (op.completed >= undone) meanwhile.phase = Phase::info;
        side.during.add(meanwhile);
      }
    }
    note_worst(window, sides);
    Map map;
    map["kind"] = window.kind;
    List targets;
    for (const std::string& target : window.targets) targets.emplace_back(target);
    map["targets"] = std::move(targets);
    map["begin"] = nanoseconds(window.begin);
    map["end"] = nanoseconds(window.end);
    map["confirmed"] = window.confirmed;
    map["rate"] = to_value(rate);
    List told;
    for (const Side& side : sides) {
      List names;
      for (const std::string& node : side.nodes) names.emplace_back(node);
      Map one;
      one["nodes"] = std::move(names);
      one["rate"] = to_value(side.rate);
      one["during"] = to_value(side.during);
      told.emplace_back(std::move(one));
    }
    map["sides"] = std::move(told);
    return map;
  }

  void note_worst(const FaultWindow& window, const std::vector<Side>& sides) {
    if (!window.confirmed) return;
    for (const Side& side : sides) {
      if (side.during.invoked == 0 || side.during.per_mille() >= worst_per_mille_) continue;
      worst_per_mille_ = side.during.per_mille();
      worst_ = " Worst off were the clients of " + joined(side.nodes) + " in a " + window.kind +
               " from " + format_duration(window.begin - at_start) + " to " +
               format_duration(window.end - at_start) + ": " + percent(side.during) + ".";
    }
  }

  Observer observer_;
  std::int64_t worst_per_mille_ = 1000;
  std::string worst_;
};

}  // namespace

void add_availability(Registry<CheckerEntry>& registry) {
  registry.add(CheckerEntry{
      .name = "availability",
      .summary = "How many operations were ok during each fault, and on which side of it.",
      .make = [] { return std::make_unique<Availability>(); }});
}

}  // namespace sunder
