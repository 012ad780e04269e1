#include "checker/linearizable/explain.h"

#include <algorithm>

namespace sunder::linearizable {

Anomaly explain(const Scene& scene, std::span<const RegisterOperation> operations,
                const SearchResult<std::int32_t>& result) {
  const RegisterOperation& stuck = operations[result.stuck];
  Anomaly anomaly{.name = "nonlinearizable"};
  anomaly.ops = {stuck.invoked, stuck.returned};
  anomaly.explanation = "Op " + std::to_string(stuck.returned) + " of key " + scene.key +
                        " fits nowhere between its call and its return.";
  return anomaly;
}

}  // namespace sunder::linearizable
