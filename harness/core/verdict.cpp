#include "harness/core/verdict.h"

#include <array>

namespace sunder {
namespace {

constexpr std::array<std::string_view, 3> validity_names = {"valid", "unknown", "invalid"};

std::string text_of(const Value& value, std::string_view key) {
  const Value* found = value.find(key);
  return found != nullptr && found->is_text() ? found->text() : std::string{};
}

Error malformed(std::string what) {
  return Error{Error::Code::malformed, "not a verdict: " + std::move(what)};
}

Value to_value(const Anomaly& anomaly) {
  List ops;
  for (std::uint64_t index : anomaly.ops) ops.emplace_back(static_cast<std::int64_t>(index));
  Map map;
  map["name"] = anomaly.name;
  map["explanation"] = anomaly.explanation;
  map["ops"] = std::move(ops);
  map["detail"] = anomaly.detail;
  return map;
}

Anomaly anomaly_from(const Value& value) {
  Anomaly anomaly{text_of(value, "name"), text_of(value, "explanation"), {}, {}};
  if (const Value* ops = value.find("ops"); ops != nullptr && ops->is_list()) {
    for (const Value& op : ops->list()) {
      if (op.is_integer()) anomaly.ops.push_back(static_cast<std::uint64_t>(op.integer()));
    }
  }
  if (const Value* detail = value.find("detail")) anomaly.detail = *detail;
  return anomaly;
}

}  // namespace

std::string_view to_string(Validity validity) {
  return validity_names[static_cast<std::size_t>(validity)];
}

Verdict Verdict::all_of(std::string checker, std::vector<Verdict> parts) {
  Verdict whole{.checker = std::move(checker)};
  if (parts.empty()) {
    whole.summary = "Nothing was checked.";
    return whole;
  }
  whole.validity = Validity::valid;
  for (const Verdict& part : parts) whole.validity = merge(whole.validity, part.validity);
  for (const Verdict& part : parts) {
    if (part.validity != whole.validity) continue;
    if (!whole.summary.empty()) whole.summary += ' ';
    whole.summary += part.summary;
  }
  whole.parts = std::move(parts);
  return whole;
}

Value to_value(const Verdict& verdict) {
  List anomalies;
  for (const Anomaly& anomaly : verdict.anomalies) anomalies.push_back(to_value(anomaly));
  List parts;
  for (const Verdict& part : verdict.parts) parts.push_back(to_value(part));
  Map map;
  map["checker"] = verdict.checker;
  map["validity"] = to_string(verdict.validity);
  map["summary"] = verdict.summary;
  map["anomalies"] = std::move(anomalies);
  map["detail"] = verdict.detail;
  map["parts"] = std::move(parts);
  return map;
}

Result<Verdict> verdict_from(const Value& value) {
  if (!value.is_map()) return malformed("it is no JSON object");
  Verdict verdict{.checker = text_of(value, "checker")};
  std::string validity = text_of(value, "validity");
  bool known = false;
  for (std::size_t i = 0; i < validity_names.size(); ++i) {
    if (validity_names[i] != validity) continue;
    verdict.validity = static_cast<Validity>(i);
    known = true;
  }
  if (!known) return malformed("its validity is '" + validity + "'");
  verdict.summary = text_of(value, "summary");
  if (const Value* detail = value.find("detail")) verdict.detail = *detail;
  if (const Value* anomalies = value.find("anomalies"); anomalies && anomalies->is_list()) {
    for (const Value& item : anomalies->list()) verdict.anomalies.push_back(anomaly_from(item));
  }
  if (const Value* parts = value.find("parts"); parts && parts->is_list()) {
    for (const Value& item : parts->list()) {
      Result<Verdict> part = verdict_from(item);
      if (!part) return part.error();
      verdict.parts.push_back(std::move(*part));
    }
  }
  return verdict;
}

}  // namespace sunder
