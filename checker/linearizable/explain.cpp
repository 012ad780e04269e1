#include "checker/linearizable/explain.h"

#include <algorithm>
#include <set>

#include "checker/linearizable/window.h"

namespace sunder::linearizable {
namespace {

constexpr std::size_t cited_limit = 60;  // operations in one anomaly

/// Says one contradiction in words.
class Explainer {
 public:
  Explainer(const Scene& scene, std::span<const RegisterOperation> all, const Window& window)
      : scene_(scene), all_(all), window_(window), stuck_(window.stuck()) {
    for (const auto& configuration : window.result.last) states_.insert(configuration.state);
    timed_ = !all.empty() && all.back().invoked_at > at_start;
  }

  std::string text() const {
    std::string out = process(stuck_) + " " + did() + ", called at " + invoked(stuck_) +
                      " and answered at " + returned(stuck_) + ", ";
    out += window_.operations.size() == 1 ? "but that value could not be there."
                                          : "which contradicts the operations before it.";
    out += before();
    out += origin();
    out += impossible();
    return out;
  }

  List last_states() const {
    List list;
    for (std::int32_t state : states_) list.push_back(scene_.values[state]);
    return list;
  }

  List candidates() const {
    List list;
    for (std::size_t i = 0; i < window_.operations.size(); ++i) {
      const RegisterOperation& operation = window_.operations[i];
      bool pending = operation.crashed() || operation.returned >= stuck_.returned;
      if (!pending) continue;
      Map entry;
      entry["op"] = static_cast<std::int64_t>(operation.invoked);
      entry["call"] = call(operation);
      entry["reason"] = refusal(i);
      list.emplace_back(std::move(entry));
    }
    return list;
  }

 private:
  std::string value(std::int32_t id) const { return scene_.values.text(id); }
  std::string moment(Instant at, std::uint64_t op) const {
    if (!timed_) return "op " + std::to_string(op);
    std::int64_t us = nanoseconds(at) / 1000;
    std::string fraction = std::to_string(us % 1'000'000);
    fraction.insert(0, 6 - fraction.size(), '0');
    return std::to_string(us / 1'000'000) + "." + fraction.substr(0, us % 1000 == 0 ? 3 : 6) + " s";
  }
  std::string invoked(const RegisterOperation& o) const { return moment(o.invoked_at, o.invoked); }
  std::string returned(const RegisterOperation& o) const {
    return moment(o.returned_at, o.completion);
  }
  std::string process(const RegisterOperation& operation) const {
    return "Process " + to_string(operation.process);
  }
  std::string target() const {
    std::string key;
    append_edn(key, scene_.key);
    return scene_.keyed ? "key " + key : "the register";
  }

  // What the stuck call found, in the past tense.
  std::string did() const {
    const RegisterCall& made = stuck_.call;
    switch (made.kind) {
      case RegisterCall::Kind::read: return "read " + value(made.value) + " from " + target();
      case RegisterCall::Kind::write: return "wrote " + value(made.value) + " to " + target();
      case RegisterCall::Kind::cas:
        return "changed " + target() + " from " + value(made.expected) + " to " + value(made.value);
      case RegisterCall::Kind::failed_cas:
        return "found " + target() + " to differ from " + value(made.expected);
    }
    return {};
  }

  std::string call(const RegisterOperation& operation) const {
    const RegisterCall& made = operation.call;
    switch (made.kind) {
      case RegisterCall::Kind::read: return "read " + value(made.value);
      case RegisterCall::Kind::write: return "write " + value(made.value);
      case RegisterCall::Kind::cas:
        return "cas " + value(made.expected) + " to " + value(made.value);
      case RegisterCall::Kind::failed_cas: return "failed cas from " + value(made.expected);
    }
    return {};
  }

  std::string impossible() const {
    if (std::optional<std::int32_t> needed = stuck_.call.needs()) {
      return " So in no order of the operations did the register hold " + value(*needed) +
             " while this call took place.";
    }
    return " So in every order of the operations the register held " + value(stuck_.call.expected) +
           " all through this call.";
  }

  // The last operations that were over before the stuck call began, or under way with it.
  std::string before() const {
    std::vector<const RegisterOperation*> over;
    for (const RegisterOperation& operation : window_.operations) {
      if (!operation.crashed() && &operation != &stuck_) over.push_back(&operation);
    }
    std::sort(over.begin(), over.end(),
              [](const auto* a, const auto* b) { return a->returned < b->returned; });
    constexpr std::size_t shown = 3;
    if (over.size() > shown) over.erase(over.begin(), over.end() - shown);
    std::string out;
    for (const RegisterOperation* operation : over) {
      bool earlier = operation->returned < stuck_.invoked;
      out += " " + process(*operation) + "'s " + call(*operation) + " had been answered at " +
             returned(*operation) + (earlier ? ", before this call began." : ", during this call.");
    }
    return out;
  }

  // Where the value that the stuck call needs could have come from.
  std::string origin() const {
    std::optional<std::int32_t> needed = stuck_.call.needs();
    if (!needed) return {};
    const RegisterOperation* last = nullptr;    // over before the call
    const RegisterOperation* after = nullptr;   // begun after it
    const RegisterOperation* beside = nullptr;  // surely under way with it
    const RegisterOperation* crashed = nullptr;
    for (const RegisterOperation& operation : all_) {
      if (operation.call.leaves() != needed || operation.invoked == stuck_.invoked) continue;
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
      return " The " + call(*beside) + " of process " + to_string(beside->process) +
             " was under way, but cannot have come just before this call.";
    }
    if (crashed != nullptr) {
      return " The " + call(*crashed) + " of process " + to_string(crashed->process) +
             ", called at " + invoked(*crashed) + " and never answered, may have left" + seen +
             ", but other answers use it up or rule it out.";
    }
    if (last != nullptr) {
      return " The last operation that left" + seen + ", process " + to_string(last->process) +
             "'s " + call(*last) + ", was over at " + returned(*last) +
             ", and the value had been replaced since.";
    }
    if (after != nullptr) {
      return " The first operation to leave" + seen + ", process " + to_string(after->process) +
             "'s " + call(*after) + ", began only at " + invoked(*after) + ".";
    }
    if (*needed == scene_.model.initial()) {
      return " The register held" + seen + " only before its first change.";
    }
    return " No operation that may have taken effect ever left" + seen + " there.";
  }

  // Why an operation pending at the stuck call's return does not help.
  std::string refusal(std::size_t at) const {
    const RegisterOperation& operation = window_.operations[at];
    bool placed_everywhere = true;
    std::set<std::int32_t> refused;
    std::set<std::int32_t> allowed;
    for (const auto& configuration : window_.result.last) {
      if (std::find(configuration.placed.begin(), configuration.placed.end(), at) !=
          configuration.placed.end()) {
        continue;
      }
      placed_everywhere = false;
      bool legal = scene_.model.step(configuration.state, operation.call).has_value();
      (legal ? allowed : refused).insert(configuration.state);
    }
    if (placed_everywhere) return "has taken effect already";
    if (!allowed.empty()) {
      std::optional<std::int32_t> leaves = operation.call.leaves();
      if (!leaves) return "changes nothing";
      if (stuck_.call.needs() != leaves)
        return "leaves " + value(*leaves) + ", which does not help";
      return "would leave " + value(*leaves) + ", but then other answers are impossible";
    }
    std::string held;
    for (std::int32_t state : refused) held += (held.empty() ? "" : ", ") + value(state);
    std::optional<std::int32_t> needs = operation.call.needs();
    if (!needs) return "needs another value than " + value(operation.call.expected);
    return "needs " + value(*needs) + ", but the register holds " + held;
  }

  const Scene& scene_;
  std::span<const RegisterOperation> all_;
  const Window& window_;
  const RegisterOperation& stuck_;
  std::set<std::int32_t> states_;
  bool timed_ = false;
};

}  // namespace

Anomaly explain(const Scene& scene, std::span<const RegisterOperation> operations,
                const SearchResult<std::int32_t>& result) {
  Window window = shrink(scene.model, operations, result, scene.limits);
  Explainer explainer(scene, operations, window);
  const RegisterOperation& stuck = window.stuck();
  Anomaly anomaly{.name = "nonlinearizable", .explanation = explainer.text()};
  Instant begin = stuck.invoked_at;
  List cited;
  std::size_t skipped =
      window.operations.size() > cited_limit ? window.operations.size() - cited_limit : 0;
  for (std::size_t i = skipped; i < window.operations.size(); ++i) {
    const RegisterOperation& operation = window.operations[i];
    if (!operation.crashed()) begin = std::min(begin, operation.invoked_at);
    anomaly.ops.push_back(operation.invoked);
    if (operation.completion != no_op) anomaly.ops.push_back(operation.completion);
  }
  std::sort(anomaly.ops.begin(), anomaly.ops.end());
  for (std::uint64_t op : anomaly.ops) cited.emplace_back(static_cast<std::int64_t>(op));
  Map span;
  span["begin"] = nanoseconds(begin);
  span["end"] = nanoseconds(stuck.returned_at);
  Map detail;
  detail["key"] = scene.key;
  detail["window"] = std::move(span);
  detail["stuck_op"] = static_cast<std::int64_t>(stuck.invoked);
  detail["last_states"] = explainer.last_states();
  detail["candidates"] = explainer.candidates();
  detail["ops"] = std::move(cited);
  anomaly.detail = std::move(detail);
  return anomaly;
}

}  // namespace sunder::linearizable
