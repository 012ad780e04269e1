#pragma once
// From what a run left behind to its verdict.

#include <memory>
#include <string>
#include <vector>

#include "harness/api/checker.h"
#include "harness/api/test.h"
#include "harness/api/world.h"

namespace sunder {

/// What a run left behind.
struct RunEvidence {
  const Test& test;
  const WorldRecord& record;
  const History& history;
  bool interrupted = false;  // the run was cut short by its user
  std::optional<Verdict> logs{};  // what was found in the nodes' logs, when anything was sought
};

/// One checker of a run, and how it is to judge.
struct ChosenChecker {
  const CheckerEntry* entry = nullptr;  // owned by its catalogue
  Options options;
};

/// Who judges a run, and what that means for what its system claims.
struct Judges {
  std::string claim;                    // the consistency model, "linearizable"
  std::vector<ChosenChecker> checkers;  // of the claim, of the workload, of every history
  bool checks_stand_for_claim = false;  // when no checker decides the claim
};

/// Whether the run shows anything at all. `unknown` with every reason when nothing was read, under
/// 5 % of the ops were ok, no fault was confirmed though a nemesis ran, a required probe was not
/// hit, the cluster was never ready or its healing is not proved; else `valid`.
Verdict judge_evidence(const RunEvidence& evidence);

/// `invalid` when the protocol's own invariants broke, citing the ops that this concerns, as far as
/// the history has them; `unknown` when nothing watched them; empty when the system has none.
std::vector<Verdict> judge_invariants(const RunEvidence& evidence);

/// The verdict of a run: evidence, invariants and every checker, the worst part winning. A claim
/// that no checker decides is a part of its own: `unknown`, or `valid` when the workload's checks
/// stand for it, and in both cases the verdict says that the claim itself was not checked.
Verdict judge(const RunEvidence& evidence, const Judges& judges, const CheckContext& context);

}  // namespace sunder
