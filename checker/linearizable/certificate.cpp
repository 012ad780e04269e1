#include "checker/linearizable/certificate.h"

#include <algorithm>

namespace sunder::linearizable {
namespace {

Value op_number(const Operation& operation) {
  return Value(static_cast<std::int64_t>(operation.invoked));
}

Value numbers(std::span<const Operation> operations, std::span<const std::uint32_t> indexes) {
  List list;
  list.reserve(indexes.size());
  for (std::uint32_t at : indexes) list.push_back(op_number(operations[at]));
  return Value(std::move(list));
}

Value configuration_value(std::span<const Operation> operations, const Refutation& refutation,
                          const Configuration& configuration) {
  List used;
  for (auto [crash, count] : configuration.used) {
    used.push_back(Value::pair(op_number(operations[refutation.crash_examples[crash]]),
                               static_cast<std::int64_t>(count)));
  }
  Map entry;
  entry["state"] = refutation.state_values.at(configuration.state);
  entry["done"] = numbers(operations, configuration.done);
  entry["used"] = std::move(used);
  return Value(std::move(entry));
}

}  // namespace

Value order_proof(std::span<const Operation> operations, const Decision& decision) {
  List answers;
  for (auto [at, output] : decision.assigned) {
    answers.push_back(Value::pair(op_number(operations[at]), static_cast<std::int64_t>(output)));
  }
  Map proof;
  proof["order"] = numbers(operations, decision.order);
  proof["answers"] = std::move(answers);
  return Value(std::move(proof));
}

Value pattern_proof(std::span<const Operation> operations, const Pattern& pattern) {
  Map named;
  named["name"] = pattern.name;
  named["theorem"] = pattern.theorem;
  named["operations"] = numbers(operations, pattern.operations);
  Map proof;
  proof["pattern"] = std::move(named);
  return Value(std::move(proof));
}

Value refutation_proof(std::span<const Operation> operations, const Refutation& refutation) {
  List layers;
  for (const Refutation::Layer& layer : refutation.layers) {
    List at;
    for (const Configuration& configuration : layer.configurations) {
      at.push_back(configuration_value(operations, refutation, configuration));
    }
    Map entry;
    entry["returns"] = op_number(operations[layer.operation]);
    entry["at"] = std::move(at);
    layers.emplace_back(std::move(entry));
  }
  Map family;
  family["after"] = static_cast<std::int64_t>(refutation.after);
  family["counted"] = refutation.counted;
  family["layers"] = std::move(layers);
  Map proof;
  proof["configurations"] = std::move(family);
  return Value(std::move(proof));
}

}  // namespace sunder::linearizable
