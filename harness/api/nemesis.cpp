#include "harness/api/nemesis.h"

namespace sunder {

Value to_value(const FaultReport& report) {
  List targets;
  for (const std::string& target : report.targets) targets.emplace_back(target);
  Map map;
  map["kind"] = report.kind;
  map["targets"] = std::move(targets);
  map["on"] = report.on;
  map["confirmed"] = report.confirmed;
  map["evidence"] = report.evidence;
  return map;
}

Result<FaultReport> fault_report_from(const ValueView& view) {
  Error malformed{Error::Code::malformed, "not the report of a fault"};
  if (view.kind() != Value::Kind::map) return malformed;
  Value value = view.value();
  const Value* kind = value.find("kind");
  const Value* targets = value.find("targets");
  const Value* on = value.find("on");
  const Value* confirmed = value.find("confirmed");
  auto is_boolean = [](const Value* v) { return v && v->kind() == Value::Kind::boolean; };
  if (!kind || !kind->is_text() || !targets || !targets->is_list() || !is_boolean(on) ||
      !is_boolean(confirmed)) {
    return malformed;
  }
  FaultReport report{kind->text(), {}, on->boolean(), confirmed->boolean(), {}};
  for (const Value& target : targets->list()) {
    if (target.is_text()) report.targets.push_back(target.text());
  }
  if (const Value* evidence = value.find("evidence")) report.evidence = *evidence;
  return report;
}

Outcome outcome_of(const FaultReport& report) {
  Outcome outcome = Outcome::ok(to_value(report));
  if (!report.confirmed) {
    outcome.phase = Phase::info;
    outcome.why = "not confirmed";
  }
  return outcome;
}

}  // namespace sunder
