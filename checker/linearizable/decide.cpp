#include "checker/linearizable/decide.h"

#include "checker/linearizable/certificate.h"
#include "checker/linearizable/keyed_model.h"

namespace sunder::linearizable {
namespace {

/// What the search found of the operations that prune() left, in terms of all of them.
class Restored {
 public:
  Restored(std::span<const Operation> all, std::span<const Operation> kept) {
    std::uint32_t at = 0;
    for (const Operation& operation : kept) {
      while (all[at].invoked != operation.invoked) ++at;
      place_.push_back(at++);
    }
  }

  void apply(EngineResult& result) const {
    restore(result.order);
    restore(result.refutation.crash_examples);
    for (Refutation::Layer& layer : result.refutation.layers) {
      layer.operation = place_[layer.operation];
      for (Configuration& configuration : layer.configurations) restore(configuration.done);
    }
  }

 private:
  void restore(std::vector<std::uint32_t>& indexes) const {
    for (std::uint32_t& at : indexes) at = place_[at];
  }

  std::vector<std::uint32_t> place_;
};

}  // namespace

Judgement decide(const Datatype& datatype, std::span<const Operation> operations,
                 const Budget& budget, const DecideSettings& settings) {
  Judgement judgement;
  if (settings.use_monitors && settings.keys == nullptr) {
    Decision decision = datatype.monitor(operations, settings.wants_order);
    judgement.outcome = decision.outcome;
    judgement.by_monitor = judgement.decided();
    judgement.pattern = decision.pattern;
    judgement.witness = std::move(decision);
    if (judgement.decided()) return judgement;
  }
  Operations kept(operations.begin(), operations.end());
  if (settings.keys == nullptr) datatype.prune(kept);
  std::unique_ptr<Model> model = model_of(datatype, settings.keys);
  EngineResult result = decide(kept, *model, budget);
  if (kept.size() < operations.size()) Restored(operations, kept).apply(result);
  judgement.outcome = result.outcome;
  judgement.witness.order = std::move(result.order);
  judgement.refutation = std::move(result.refutation);
  judgement.passed = result.passed;
  judgement.returns = result.returns;
  judgement.steps = result.steps;
  judgement.reason = std::move(result.reason);
  return judgement;
}

std::unique_ptr<Model> model_of(const Datatype& datatype, const ValueTable* keys) {
  return keys == nullptr ? datatype.model() : keyed_model(datatype.model(), *keys);
}

Value prove(std::span<const Operation> operations, const Judgement& judgement) {
  if (judgement.outcome == Decision::Outcome::linearizable) {
    return order_proof(operations, judgement.witness);
  }
  if (judgement.by_monitor) return pattern_proof(operations, judgement.pattern);
  return refutation_proof(operations, judgement.refutation);
}

}  // namespace sunder::linearizable
