#include "tests/checker/weak/support/decoded.h"

#include "checker/weak/explain.h"
#include "checker/weak/place.h"
#include "tests/checker/weak/support/definition.h"

namespace sunder::weak::support {

Decoded decoded(const Litmus& litmus) {
  Decoder decoder(true, Value());
  History history = history_of(litmus);
  for (std::size_t i = 0; i < history.size(); ++i) decoder.feed(history[i]);
  return decoder.take();
}

std::vector<std::pair<std::string, std::string>> explanations(const Litmus& litmus) {
  Decoded from_ops = decoded(litmus);
  std::vector<Anomaly> anomalies = explain_unwritten(from_ops, 10);
  if (anomalies.empty()) {
    Placement placement = place(from_ops.registers, {.staleness = staleness});
    for (const Model* model : placement.weakest_refuted()) {
      anomalies.push_back(explain(*model, from_ops, placement.of(*model).contradiction));
    }
  }
  std::vector<std::pair<std::string, std::string>> told;
  for (const Anomaly& anomaly : anomalies) told.emplace_back(anomaly.name, anomaly.explanation);
  return told;
}

}  // namespace sunder::weak::support
