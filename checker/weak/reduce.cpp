#include "checker/weak/reduce.h"

#include <algorithm>
#include <numeric>

namespace sunder::weak {
namespace {

class Reducer {
 public:
  Reducer(const Model& model, const Registers& registers, const Limits& limits)
      : model_(model), registers_(registers), limits_(limits), dropped_(registers.size()) {}

  bool breaks(const std::vector<Index>& operations, Finding& finding) {
    finding = model_.decide(restrict(registers_, operations), limits_);
    undecided_ = undecided_ || finding.outcome == Outcome::unknown;
    return finding.outcome == Outcome::refuted;
  }

  /// Takes away runs of operations, ever shorter ones, as long as the rest is refuted (Zeller and
  /// Hildebrandt, Simplifying and Isolating Failure-Inducing Input, TSE 2002).
  void shrink(Contradiction& contradiction) {
    std::vector<Index>& kept = contradiction.operations;
    bool changed = false;
    for (std::size_t run = std::max<std::size_t>(kept.size() / 2, 1); run > 0;) {
      changed = false;
      for (std::size_t at = 0; at < kept.size();) {
        if (limits_.over()) return;
        std::vector<Index> rest = without(kept, at, run);
        Finding finding;
        if (!rest.empty() && rest.size() < kept.size() && breaks(rest, finding)) {
          adopt(contradiction, std::move(rest), std::move(finding));
          changed = true;
        } else {
          at += run;
        }
      }
      if (!changed || run > 1) run /= 2;
    }
    contradiction.minimal = !undecided_;
  }

  /// A new refutation often has a smaller core than what was kept.
  void adopt(Contradiction& contradiction, std::vector<Index> rest, Finding finding) {
    std::vector<Index> core;
    for (Index at : finding.core) core.push_back(rest[at]);
    Finding again;
    if (core.size() < rest.size() && breaks(core, again)) {
      rest = std::move(core);
      finding = std::move(again);
    }
    contradiction.operations = std::move(rest);
    contradiction.finding = std::move(finding);
  }

 private:
  // A write takes its reads with it.
  std::vector<Index> without(const std::vector<Index>& kept, std::size_t at, std::size_t run) {
    std::size_t end = std::min(at + run, kept.size());
    for (std::size_t i = at; i < end; ++i) dropped_[kept[i]] = true;
    std::vector<Index> rest;
    for (Index one : kept) {
      const Operation& operation = registers_[one];
      bool orphan =
          operation.is_read() && operation.source != initial && dropped_[operation.source];
      if (!dropped_[one] && !orphan) rest.push_back(one);
    }
    for (std::size_t i = at; i < end; ++i) dropped_[kept[i]] = false;
    return rest;
  }

  const Model& model_;
  const Registers& registers_;
  const Limits& limits_;
  std::vector<bool> dropped_;
  bool undecided_ = false;  // whether any part was: then nobody knows that the rest is needed
};

}  // namespace

Contradiction reduce(const Model& model, const Registers& registers, const Finding& finding,
                     const Limits& limits) {
  Reducer reducer(model, registers, limits);
  Contradiction contradiction{.operations = finding.core};
  if (finding.core.empty() || !reducer.breaks(finding.core, contradiction.finding)) {
    contradiction.operations.resize(registers.size());
    std::iota(contradiction.operations.begin(), contradiction.operations.end(), Index{0});
    contradiction.finding = finding;
  }
  if (model.name == "safe") return contradiction;  // see restrict()
  reducer.shrink(contradiction);
  return contradiction;
}

}  // namespace sunder::weak
