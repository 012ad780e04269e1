#include "checker/linearizable/verify/verify.h"

#include <algorithm>

namespace sunder::linearizable {

std::optional<std::uint32_t> operation_at(std::span<const Operation> operations, const Value& op) {
  if (!op.is_integer()) return {};
  auto found = std::lower_bound(
      operations.begin(), operations.end(), op.integer(),
      [](const Operation& operation, std::int64_t at) { return operation.invoked < at; });
  if (found == operations.end() || found->invoked != op.integer()) return {};
  return static_cast<std::uint32_t>(found - operations.begin());
}

std::string verify_order(const Value& proof, std::span<const Operation> operations, Model& model) {
  const Value* order = proof.find("order");
  const Value* answers = proof.find("answers");
  if (order == nullptr || !order->is_list()) return "it has no order";
  std::vector<Operation> all(operations.begin(), operations.end());
  if (answers != nullptr && answers->is_list()) {
    for (const Value& answer : answers->list()) {
      if (!answer.is_list() || answer.list().size() != 2) return "an answer is no [op answer]";
      std::optional<std::uint32_t> at = operation_at(operations, answer.list()[0]);
      if (!at || !all[*at].crashed() || !answer.list()[1].is_integer()) {
        return "it answers a call that did not crash";
      }
      all[*at].call.output = static_cast<std::int32_t>(answer.list()[1].integer());
    }
  }
  std::vector<bool> placed(all.size());
  StateId state = model.initial();
  std::uint32_t point = 0;  // everything before it has taken effect
  for (const Value& op : order->list()) {
    std::optional<std::uint32_t> at = operation_at(operations, op);
    if (!at) return "the order names op " + to_json(op) + ", which is no invocation here";
    if (placed[*at]) return "the order names op " + to_json(op) + " twice";
    placed[*at] = true;
    point = std::max(point, all[*at].invoked);
    if (point > all[*at].returned) return "op " + to_json(op) + " is placed after its return";
    state = model.step(state, all[*at].call);
    if (state == impossible) return "op " + to_json(op) + " is impossible where it is placed";
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!placed[i] && !all[i].crashed()) {
      return "the order lacks op " + std::to_string(all[i].invoked);
    }
  }
  return {};
}

std::string verify_pattern(const Value& proof, std::span<const Operation> operations,
                           const Datatype& datatype) {
  const Value* name = proof.find("name");
  const Value* cited = proof.find("operations");
  if (name == nullptr || !name->is_text() || cited == nullptr || !cited->is_list()) {
    return "its pattern has no name or no operations";
  }
  std::vector<std::uint32_t> indexes;
  for (const Value& op : cited->list()) {
    std::optional<std::uint32_t> at = operation_at(operations, op);
    if (!at) return "the pattern names op " + to_json(op) + ", which is no invocation here";
    indexes.push_back(*at);
  }
  return datatype.disprove({name->text(), operations, indexes});
}

Proven verify(const Value& proof, std::span<const Operation> operations, const Datatype& datatype,
              Model& model) {
  Proven proven;
  const Value* pattern = proof.find("pattern");
  const Value* configurations = proof.find("configurations");
  if (pattern != nullptr) {
    proven.what = Proven::What::not_linearizable;
    proven.flaw = verify_pattern(*pattern, operations, datatype);
  } else if (configurations != nullptr) {
    proven.what = Proven::What::not_linearizable;
    Operations kept(operations.begin(), operations.end());
    datatype.prune(kept);
    proven.flaw = verify_configurations(*configurations, kept, model);
  } else {
    proven.what = Proven::What::linearizable;
    proven.flaw = verify_order(proof, operations, model);
  }
  if (!proven.flaw.empty()) proven.what = Proven::What::nothing;
  return proven;
}

}  // namespace sunder::linearizable
