#include "checker/linearizable/explain.h"

#include <algorithm>
#include <set>

namespace sunder::linearizable {
namespace {

constexpr std::size_t cited_limit = 60;  // operations in one anomaly
constexpr std::size_t states_limit = 10;

std::string edn(const Value& value) {
  std::string out;
  append_edn(out, value);
  return out;
}

/// Says when things happened, and who did them.
class Narrator {
 public:
  explicit Narrator(const Scene& scene) : scene_(scene) {
    timed_ = !scene.operations.empty() && facts(scene.operations.back()).invoked_at > at_start;
  }

  const Facts& facts(const Operation& operation) const {
    return scene_.recorder.facts(operation.invoked);
  }
  std::string invoked(const Operation& operation) const {
    return moment(facts(operation).invoked_at, operation.invoked);
  }
  std::string returned(const Operation& operation) const {
    return moment(facts(operation).returned_at, facts(operation).completion);
  }
  std::string process(const Operation& operation) const {
    return "process " + to_string(facts(operation).process);
  }
  std::string call(const Operation& operation) const {
    return scene_.datatype.describe(operation.call, operation.crashed());
  }
  std::string target() const { return scene_.keyed ? " on key " + edn(scene_.key) : ""; }

 private:
  std::string moment(Instant at, std::uint64_t op) const {
    if (!timed_) return "op " + std::to_string(op);
    std::int64_t us = nanoseconds(at) / 1000;
    std::string fraction = std::to_string(us % 1'000'000);
    fraction.insert(0, 6 - fraction.size(), '0');
    return std::to_string(us / 1'000'000) + "." + fraction.substr(0, us % 1000 == 0 ? 3 : 6) + " s";
  }

  const Scene& scene_;
  bool timed_ = false;
};

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

/// Says one contradiction in words.
class Explainer {
 public:
  Explainer(const Scene& scene, const Contradiction& what, Model& model)
      : scene_(scene),
        what_(what),
        model_(model),
        narrator_(scene),
        stuck_(what.operations[what.stuck]) {
    for (const Configuration& configuration : what.last) states_.insert(configuration.state);
  }

  std::string text() const {
    std::string out = capitalised(narrator_.process(stuck_)) + "'s " + narrator_.call(stuck_) +
                      narrator_.target() + ", called at " + narrator_.invoked(stuck_) +
                      " and answered at " + narrator_.returned(stuck_) + ", ";
    out +=
        what_.operations.size() == 1 ? "is impossible." : "contradicts the operations before it.";
    return out + before() + origin() + standing();
  }

  List last_states() const {
    List list;
    for (StateId state : states_) list.push_back(model_.describe(state));
    std::sort(list.begin(), list.end());
    return list;
  }

  List candidates() const {
    List list;
    for (std::uint32_t i = 0; i < what_.operations.size(); ++i) {
      const Operation& operation = what_.operations[i];
      if (!operation.crashed() && operation.returned < stuck_.returned) continue;
      Map entry;
      entry["op"] = static_cast<std::int64_t>(operation.invoked);
      entry["call"] = narrator_.call(operation);
      entry["reason"] = refusal(i);
      list.emplace_back(std::move(entry));
    }
    return list;
  }

 private:
  std::string value(std::int32_t id) const { return scene_.datatype.values().text(id); }

  // The last operations that were over before the stuck call began, or under way with it.
  std::string before() const {
    std::vector<const Operation*> over;
    for (const Operation& operation : what_.operations) {
      if (!operation.crashed() && &operation != &stuck_) over.push_back(&operation);
    }
    std::sort(over.begin(), over.end(),
              [](const auto* a, const auto* b) { return a->returned < b->returned; });
    constexpr std::size_t shown = 3;
    if (over.size() > shown) over.erase(over.begin(), over.end() - shown);
    std::string out;
    for (const Operation* operation : over) {
      bool earlier = operation->returned < stuck_.invoked;
      out += " " + capitalised(narrator_.process(*operation)) + "'s " + narrator_.call(*operation) +
             " had been answered at " + narrator_.returned(*operation) +
             (earlier ? ", before this call began." : ", during this call.");
    }
    return out;
  }

  // Where the value that the stuck call needs could have come from.
  std::string origin() const {
    std::optional<std::int32_t> needed = scene_.datatype.needs(stuck_.call);
    if (!needed) return {};
    const Operation* last = nullptr;    // over before the call
    const Operation* after = nullptr;   // begun after it
    const Operation* beside = nullptr;  // surely under way with it
    const Operation* crashed = nullptr;
    for (const Operation& operation : scene_.operations) {
      if (scene_.datatype.leaves(operation.call) != needed || operation.invoked == stuck_.invoked) {
        continue;
      }
      if (operation.invoked > stuck_.returned) {
        after = after == nullptr ? &operation : after;
      } else if (operation.crashed()) {
        crashed = &operation;
      } else if (operation.returned < stuck_.invoked) {
        last = last == nullptr || operation.returned > last->returned ? &operation : last;
      } else {
        beside = &operation;
      }
    }
    std::string seen = " " + value(*needed);
    if (beside != nullptr) {
      return " The " + narrator_.call(*beside) + " of " + narrator_.process(*beside) +
             " was under way, but cannot have come just before this call.";
    }
    if (crashed != nullptr) {
      return " The " + narrator_.call(*crashed) + " of " + narrator_.process(*crashed) +
             ", called at " + narrator_.invoked(*crashed) + " and never answered, may have left" +
             seen + ", but other answers use it up or rule it out.";
    }
    if (last != nullptr) {
      return " The last operation that left" + seen + ", " + narrator_.process(*last) + "'s " +
             narrator_.call(*last) + ", was over at " + narrator_.returned(*last) +
             ", and the value had been replaced since.";
    }
    if (after != nullptr) {
      return " The first operation to leave" + seen + ", " + narrator_.process(*after) + "'s " +
             narrator_.call(*after) + ", began only at " + narrator_.invoked(*after) + ".";
    }
    if (model_.describe(model_.initial()) == scene_.datatype.values()[*needed]) {
      return seen + " was there only before the first change.";
    }
    return " No operation that may have taken effect ever left" + seen + " there.";
  }

  // What is left of all orders just before the answer.
  std::string standing() const {
    if (what_.operations.size() == 1 || states_.empty()) return {};
    if (states_.size() > states_limit) {
      return " None of the " + std::to_string(states_.size()) +
             " states that some order leads to allows this answer.";
    }
    std::string all;
    for (const Value& state : last_states()) all += (all.empty() ? "" : " or ") + edn(state);
    return " Whatever the order of the operations, the state was " + all +
           ", and nothing that was under way could make this answer right.";
  }

  // Why an operation pending at the stuck call's return does not help.
  std::string refusal(std::uint32_t at) const {
    const Operation& operation = what_.operations[at];
    bool placed_everywhere = true;
    bool legal = false;
    std::set<StateId> refused;
    for (const Configuration& configuration : what_.last) {
      if (std::find(configuration.done.begin(), configuration.done.end(), at) !=
          configuration.done.end()) {
        continue;
      }
      placed_everywhere = false;
      if (model_.step(configuration.state, operation.call) != impossible) {
        legal = true;
      } else {
        refused.insert(configuration.state);
      }
    }
    if (placed_everywhere) return "has taken effect already";
    if (legal) return "is possible, but does not make the answer right";
    std::string held;
    for (StateId state : refused) {
      held += (held.empty() ? "" : " or ") + edn(model_.describe(state));
    }
    if (refused.size() > states_limit) held = "in " + std::to_string(refused.size()) + " ways";
    std::optional<std::int32_t> needs = scene_.datatype.needs(operation.call);
    if (needs) return "needs " + value(*needs) + ", but the state is " + held;
    return "is impossible when the state is " + held;
  }

  const Scene& scene_;
  const Contradiction& what_;
  Model& model_;
  Narrator narrator_;
  const Operation& stuck_;
  std::set<StateId> states_;
};

/// Fills in what every anomaly cites: the operations with their times.
void cite(const Scene& scene, const std::vector<Operation>& operations, Map detail,
          Anomaly& anomaly) {
  Instant begin = never;
  Instant end = at_start;
  for (const Operation& operation : operations) {
    const Facts& facts = scene.recorder.facts(operation.invoked);
    anomaly.ops.push_back(operation.invoked);
    if (facts.completion != open_end) anomaly.ops.push_back(facts.completion);
    if (operation.crashed()) continue;
    begin = std::min(begin, facts.invoked_at);
    end = std::max(end, facts.returned_at);
  }
  std::sort(anomaly.ops.begin(), anomaly.ops.end());
  List cited;
  for (std::uint64_t op : anomaly.ops) cited.emplace_back(static_cast<std::int64_t>(op));
  Map span;
  span["begin"] = nanoseconds(std::min(begin, end));
  span["end"] = nanoseconds(end);
  detail["key"] = scene.key;
  detail["window"] = std::move(span);
  detail["ops"] = std::move(cited);
  anomaly.detail = std::move(detail);
}

}  // namespace

Anomaly explain(const Scene& scene, const Contradiction& contradiction, Model& model) {
  Explainer explainer(scene, contradiction, model);
  Anomaly anomaly{.name = "nonlinearizable", .explanation = explainer.text()};
  Map detail;
  detail["stuck_op"] =
      static_cast<std::int64_t>(contradiction.operations[contradiction.stuck].invoked);
  detail["last_states"] = explainer.last_states();
  detail["candidates"] = explainer.candidates();
  std::size_t count = contradiction.operations.size();
  std::size_t skipped = count > cited_limit ? count - cited_limit : 0;
  cite(scene,
       {contradiction.operations.begin() + static_cast<std::ptrdiff_t>(skipped),
        contradiction.operations.end()},
       std::move(detail), anomaly);
  return anomaly;
}

Anomaly explain(const Scene& scene, const Pattern& pattern) {
  Narrator narrator(scene);
  Anomaly anomaly{.name = "nonlinearizable", .explanation = capitalised(pattern.explanation)};
  std::vector<Operation> cited;
  std::size_t told = 0;
  for (std::uint32_t at : pattern.operations) {
    const Operation& operation = scene.operations[at];
    cited.push_back(operation);
    if (cited.size() > cited_limit) break;
    if (++told > 6) continue;
    anomaly.explanation +=
        " " + capitalised(narrator.process(operation)) + "'s " + narrator.call(operation) +
        narrator.target() + " was called at " + narrator.invoked(operation) +
        (operation.crashed() ? " and never answered."
                             : " and answered at " + narrator.returned(operation) + ".");
  }
  Map detail;
  detail["pattern"] = pattern.name;
  detail["theorem"] = pattern.theorem;
  cite(scene, cited, std::move(detail), anomaly);
  return anomaly;
}

}  // namespace sunder::linearizable
