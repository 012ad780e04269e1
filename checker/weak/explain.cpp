#include "checker/weak/explain.h"

#include <algorithm>

namespace sunder::weak {
namespace {

constexpr std::size_t operations_told_max = 12;
constexpr std::size_t operations_cited_max = 1000;

std::string_view why_text(Why why) {
  switch (why) {
    case Why::session: return "session-order";
    case Why::reads_from: return "reads-from";
    case Why::real_time: return "real-time";
    case Why::overwritten: return "overwritten";
    case Why::antidependency: return "antidependency";
    case Why::causality: return "causality";
  }
  return "";
}

class Teller {
 public:
  Teller(const Decoded& decoded, const Contradiction& contradiction)
      : decoded_(decoded), contradiction_(contradiction) {}

  const Operation& whole(Index at) const {
    return decoded_.registers[contradiction_.operations[at]];
  }

  // "write 3 to 7 (op 12)"; keys are left out where there is only one without a name.
  std::string name(Index at) const {
    if (at == initial) return "the initial value";
    const Operation& operation = whole(at);
    std::string text = operation.is_write() ? "write " : "read ";
    text += value(at);
    if (has_keys()) text += (operation.is_write() ? " to " : " from ") + key(operation.key);
    return text + " (op " + std::to_string(operation.invoked) + ")";
  }

  // "Process 3: write 1 to 7 (op 0), read 0 from 8 (op 4)."
  std::string sessions() const {
    std::string text;
    std::uint32_t session = UINT32_MAX;
    for (Index at = 0; at < contradiction_.operations.size(); ++at) {
      if (whole(at).session != session) {
        if (!text.empty()) text += "; ";
        session = whole(at).session;
        text += "process " + std::to_string(decoded_.processes[session]) + ": ";
      } else {
        text += ", ";
      }
      text += name(at);
    }
    return text;
  }

  // "write 1 (op 0) comes before read 0 (op 4), later in its session"
  std::string step(const Constraint& constraint) const {
    std::string text = name(constraint.before) + " before " + name(constraint.after);
    switch (constraint.why) {
      case Why::session: return text + " by session order";
      case Why::reads_from: return text + ", which returned its value";
      case Why::real_time: return text + ", which was invoked after it had returned";
      case Why::causality: return text + ", which causally follows it";
      case Why::antidependency: return text + ", which would have replaced what was read";
      case Why::overwritten:
        if (constraint.because == initial) return text;
        return text + ", since " + name(constraint.because) + " had to see both";
    }
    return text;
  }

  bool has_keys() const { return decoded_.keys.size() > 1; }  // nil is always there
  std::string key(std::int32_t key) const {
    return decoded_.keys.text(decoded_.key_ids[static_cast<std::size_t>(key)]);
  }
  std::string value(Index at) const {
    return decoded_.values.text(decoded_.value_ids[contradiction_.operations[at]]);
  }

 private:
  const Decoded& decoded_;
  const Contradiction& contradiction_;
};

std::string circle_text(const Teller& teller, const std::vector<Constraint>& circle) {
  std::string text;
  for (std::size_t i = 0; i < circle.size() && i < operations_told_max; ++i) {
    text += (i == 0 ? "" : "; ") + teller.step(circle[i]);
  }
  return text;
}

std::string explanation(const Model& model, const Teller& teller,
                        const Contradiction& contradiction) {
  const Finding& finding = contradiction.finding;
  std::size_t count = contradiction.operations.size();
  std::string text =
      std::to_string(count) + (count == 1 ? " operation cannot be explained: "
                                          : " operations cannot be explained together: ");
  if (count > operations_told_max) {
    text = std::to_string(count) + " operations were found that cannot be explained together. ";
  } else {
    text += teller.sessions() + ". ";
  }
  if (!finding.circle.empty()) {
    bool first_write = finding.circle.size() == 1 && finding.circle[0].after == initial;
    text += first_write ? "There would have to be an order with "
                        : "An order would need, in a circle: ";
    text += circle_text(teller, finding.circle) + ". ";
  } else if (!finding.reason.empty()) {
    text += finding.reason + " ";
  }
  return text + "What " + std::string(model.name) + " promises: " + std::string(model.summary);
}

Value circle_detail(const Decoded& decoded, const Contradiction& contradiction) {
  auto op = [&](Index at) -> Value {
    if (at == initial) return nullptr;
    std::uint32_t invoked = decoded.registers[contradiction.operations[at]].invoked;
    return static_cast<std::int64_t>(invoked);
  };
  List circle;
  for (const Constraint& constraint : contradiction.finding.circle) {
    Map step;
    step["before"] = op(constraint.before);
    step["after"] = op(constraint.after);
    step["why"] = why_text(constraint.why);
    if (constraint.because != initial) step["because"] = op(constraint.because);
    circle.push_back(std::move(step));
  }
  return circle;
}

Value operations_detail(const Decoded& decoded, const Contradiction& contradiction,
                        const Teller& teller) {
  List operations;
  for (Index at = 0; at < contradiction.operations.size() && at < 100; ++at) {
    const Operation& operation = teller.whole(at);
    Map told;
    told["op"] = static_cast<std::int64_t>(operation.invoked);
    told["process"] = decoded.processes[operation.session];
    told["verb"] = operation.is_write() ? "write" : "read";
    if (teller.has_keys()) told["key"] = teller.key(operation.key);
    told["value"] = teller.value(at);
    told["invoked"] = operation.invoked_at;
    if (operation.returned != never) told["completed"] = operation.returned_at;
    operations.push_back(std::move(told));
  }
  return operations;
}

}  // namespace

Anomaly explain(const Model& model, const Decoded& decoded, const Contradiction& contradiction) {
  Teller teller(decoded, contradiction);
  Anomaly anomaly{.name = std::string(model.name) + "-violation",
                  .explanation = explanation(model, teller, contradiction)};
  for (Index at = 0; at < contradiction.operations.size() && at < operations_cited_max; ++at) {
    const Operation& operation = teller.whole(at);
    anomaly.ops.push_back(operation.invoked);
    if (operation.returned != never) anomaly.ops.push_back(operation.returned);
  }
  std::sort(anomaly.ops.begin(), anomaly.ops.end());
  Map detail;
  detail["model"] = model.name;
  detail["minimal"] = contradiction.minimal;
  detail["operations"] = operations_detail(decoded, contradiction, teller);
  detail["circle"] = circle_detail(decoded, contradiction);
  anomaly.detail = std::move(detail);
  return anomaly;
}

std::vector<Anomaly> explain_unwritten(const Decoded& decoded, std::size_t limit) {
  std::vector<Anomaly> anomalies;
  for (const Unwritten& one : decoded.unwritten) {
    if (anomalies.size() == limit) break;
    bool failed = one.failed_write != no_op;
    std::string text = "Op " + std::to_string(one.read) + " read " + decoded.values.text(one.value);
    if (decoded.keys.size() > 1) {
      text += " from " + decoded.keys.text(decoded.key_ids[static_cast<std::size_t>(one.key)]);
    }
    text += failed ? ", which op " + std::to_string(one.failed_write) +
                         " tried to write and surely did not."
                   : ", which nobody wrote.";
    Anomaly anomaly{.name = failed ? "aborted-read" : "unwritten-read", .explanation = text};
    anomaly.ops.push_back(one.read);
    if (failed) anomaly.ops.push_back(one.failed_write);
    std::sort(anomaly.ops.begin(), anomaly.ops.end());
    anomalies.push_back(std::move(anomaly));
  }
  return anomalies;
}

}  // namespace sunder::weak
