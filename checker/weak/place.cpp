#include "checker/weak/place.h"

#include <algorithm>

namespace sunder::weak {
namespace {

using Clock = std::chrono::steady_clock;

// Linear decisions first, then those that grow with the sessions, then the searches.
constexpr std::string_view order[] = {"linearizable",
                                      "eventual",
                                      "regular",
                                      "safe",
                                      "bounded-staleness",
                                      "slow",
                                      "cache",
                                      "read-your-writes",
                                      "monotonic-reads",
                                      "causal",
                                      "causal-convergence",
                                      "real-time-causal",
                                      "monotonic-writes",
                                      "writes-follow-reads",
                                      "sequential",
                                      "ordered-sequential",
                                      "consistent-prefix",
                                      "pram",
                                      "causal-memory",
                                      "processor"};

class Placing {
 public:
  Placing(const Registers& registers, const Limits& limits)
      : registers_(registers), limits_(limits) {
    for (const Model& model : models()) placement_.models.push_back({.model = &model});
  }

  void decide(const Model& model, std::size_t left) {
    Placed& placed = placement_.models[static_cast<std::size_t>(&model - models().data())];
    if (placed.by != nullptr) return;
    Limits share = limits_;
    if (limits_.deadline != Clock::time_point::max()) {
      auto rest = std::max(limits_.deadline - Clock::now(), Clock::duration{0});
      share.deadline = Clock::now() + rest / static_cast<std::int64_t>(left);
    }
    Finding finding = model.decide(registers_, share);
    placed.outcome = finding.outcome;
    placed.reason = finding.reason;
    placed.by = &model;
    if (finding.outcome == Outcome::refuted) {
      share.deadline = std::min(share.deadline, Clock::now() + std::chrono::seconds(2));
      placed.contradiction = reduce(model, registers_, finding, share);
    }
    if (finding.outcome != Outcome::unknown) spread(placed);
  }

  Placement take() { return std::move(placement_); }

 private:
  void spread(const Placed& decided) {
    for (Placed& other : placement_.models) {
      if (other.by != nullptr && other.outcome != Outcome::unknown) continue;
      bool follows = decided.outcome == Outcome::holds ? implies(*decided.model, *other.model)
                                                       : implies(*other.model, *decided.model);
      if (!follows) continue;
      other.outcome = decided.outcome;
      other.by = decided.model;
    }
  }

  const Registers& registers_;
  const Limits& limits_;
  Placement placement_;
};

}  // namespace

std::vector<const Model*> Placement::strongest_held() const {
  std::vector<const Model*> held;
  for (const Placed& one : models) {
    bool implied = std::any_of(models.begin(), models.end(), [&](const Placed& other) {
      return other.outcome == Outcome::holds && other.model != one.model &&
             implies(*other.model, *one.model);
    });
    if (one.outcome == Outcome::holds && !implied) held.push_back(one.model);
  }
  return held;
}

std::vector<const Model*> Placement::weakest_refuted() const {
  std::vector<const Model*> refuted;
  for (const Placed& one : models) {
    if (one.outcome == Outcome::refuted && one.by == one.model) refuted.push_back(one.model);
  }
  std::erase_if(refuted, [&](const Model* one) {
    return std::any_of(models.begin(), models.end(), [&](const Placed& other) {
      return other.outcome == Outcome::refuted && other.model != one && implies(*one, *other.model);
    });
  });
  return refuted;
}

std::vector<const Model*> Placement::undecided() const {
  std::vector<const Model*> open;
  for (const Placed& one : models) {
    if (one.outcome == Outcome::unknown) open.push_back(one.model);
  }
  return open;
}

Placement place(const Registers& registers, const Limits& limits,
                const std::function<void(const std::string&)>& progress) {
  Placing placing(registers, limits);
  std::size_t left = std::size(order);
  for (std::string_view name : order) {
    if (progress) progress("placing the history: " + std::string(name));
    placing.decide(*find_model(name), left--);
  }
  return placing.take();
}

}  // namespace sunder::weak
