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
  if (report.over) map["over"] = true;
  if (report.waited.count() > 0) map["waited_ns"] = report.waited.count();
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
  if (const Value* over = value.find("over")) report.over = is_boolean(over) && over->boolean();
  const Value* waited = value.find("waited_ns");
  if (waited != nullptr && waited->is_integer()) report.waited = Duration{waited->integer()};
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
