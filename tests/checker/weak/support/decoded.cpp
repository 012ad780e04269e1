#include "tests/checker/weak/support/decoded.h"

#include "checker/weak/explain.h"
#include "checker/weak/reduce.h"
#include "tests/checker/weak/support/verdicts.h"

namespace sunder::weak::support {

Decoded decoded(const Litmus& litmus) {
  Decoder decoder(true, Value());
  History history = history_of(litmus);
  for (std::size_t i = 0; i < history.size(); ++i) decoder.feed(history[i]);
  return decoder.take();
}

namespace {

/// Whether a model is refuted that this one implies.
bool has_weaker(std::size_t model, Verdicts verdicts) {
  return (implied_by(model) & ~verdicts & ~(Verdicts{1} << model)) != 0;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> explanations(const Litmus& litmus) {
  Decoded from_ops = decoded(litmus);
  std::vector<Anomaly> anomalies = explain_unwritten(from_ops, 10);
  Verdicts verdicts = anomalies.empty() ? verdicts_of(from_ops.registers) : ~Verdicts{0};
  for (std::size_t i = 0; i < models().size(); ++i) {
    const Model& model = models()[i];
    if (holds(verdicts, i) || has_weaker(i, verdicts)) continue;
    Limits limits{.staleness = staleness};
    Finding finding = model.decide(from_ops.registers, limits);
    anomalies.push_back(
        explain(model, from_ops, reduce(model, from_ops.registers, finding, limits)));
  }
  std::vector<std::pair<std::string, std::string>> told;
  for (const Anomaly& anomaly : anomalies) told.emplace_back(anomaly.name, anomaly.explanation);
  return told;
}

}  // namespace sunder::weak::support
