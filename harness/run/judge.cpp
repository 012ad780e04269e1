#include "harness/run/judge.h"

#include <algorithm>

#include "harness/run/relate.h"

namespace sunder {
namespace {

struct Counts {
  std::size_t invoked = 0;
  std::size_t ok = 0;
  std::size_t observed = 0;  // ok ops that show what the system holds
};

Counts count_client_ops(const History& history, const std::vector<std::string>& observing) {
  auto observes = [&](std::string_view verb) {
    return std::find(observing.begin(), observing.end(), verb) != observing.end();
  };
  Counts counts;
  for (std::size_t i = 0; i < history.size(); ++i) {
    OpView op = history[i];
    if (!op.process.is_client()) continue;
    if (op.phase == Phase::invoke) ++counts.invoked;
    if (op.phase != Phase::ok) continue;
    ++counts.ok;
    if (observes(op.verb)) ++counts.observed;
  }
  return counts;
}

// The outcome of the last control op with this verb; null when it never completed.
std::optional<OpView> last_completion(const History& history, std::string_view verb) {
  for (std::size_t i = history.size(); i > 0; --i) {
    OpView op = history[i - 1];
    if (!op.process.is_client() && op.phase != Phase::invoke && op.verb == verb) return op;
  }
  return {};
}

void add_reason(std::string& reasons, std::string reason) {
  if (!reasons.empty()) reasons += ' ';
  reasons += std::move(reason);
}

std::string fault_reasons(const RunEvidence& evidence, const std::vector<FaultWindow>& windows) {
  if (evidence.test.nemeses.empty()) return {};
  auto confirmed = std::count_if(windows.begin(), windows.end(),
                                 [](const FaultWindow& window) { return window.confirmed; });
  if (confirmed > 0) return {};
  if (windows.empty()) return "A nemesis ran, but no fault was carried out.";
  std::string reason = "A nemesis ran, but none of its " + std::to_string(windows.size()) +
                       " faults was confirmed to have had an effect.";
  if (!evidence.record.lags.empty()) {
    Duration worst{0};
    for (const HarnessLag& lag : evidence.record.lags) worst = std::max(worst, lag.worst);
    reason += " The harness itself was late by up to " + format_duration(worst) + " (" +
              evidence.record.lags.front().where +
              "), so effects seen then are not confirmed: give the machine more room.";
  }
  return reason;
}

// Who leaves a core alone asks for progress, which other faults say nothing about.
bool lacks_its_core(const RunEvidence& evidence, const std::vector<FaultWindow>& windows) {
  auto is_core = [](const std::string& name) { return name == "core"; };
  return std::any_of(evidence.test.nemeses.begin(), evidence.test.nemeses.end(),
                     [&](const Nemesis& nemesis) { return is_core(nemesis.name); }) &&
         std::none_of(windows.begin(), windows.end(), [&](const FaultWindow& window) {
           return is_core(window.kind) && window.confirmed;
         });
}

std::string healing_reasons(const RunEvidence& evidence) {
  if (evidence.interrupted) return "The run was interrupted.";
  std::optional<OpView> ready = last_completion(evidence.history, verb_await_ready);
  std::optional<OpView> healed = last_completion(evidence.history, verb_verify_healed);
  if (!ready) return "The run ended before the cluster was ready.";
  if (!healed && ready->phase == Phase::ok) return "The run ended before its healing was verified.";
  if (!healed) return "The cluster was never ready: " + std::string(ready->error) + ".";
  if (healed->phase != Phase::ok) return "After the faults, " + std::string(healed->error) + ".";
  if (ready->phase != Phase::ok) return "After recovery, " + std::string(ready->error) + ".";
  return {};
}

// "Op 12, write [7 3] of process 3, was answered ok: its entry 9 of term 2 was dropped by n2."
std::string told(const OpView& invocation, const History& history, const std::string& fate) {
  std::string end = "was never answered";
  if (invocation.pair != no_op) {
    Phase phase = history[invocation.pair].phase;
    if (phase == Phase::ok) end = "was answered ok";
    if (phase == Phase::fail) end = "was answered fail";
    if (phase == Phase::info) end = "ended without an answer";
  }
  std::string text = "Op " + std::to_string(invocation.index) + ", ";
  text += std::string(invocation.verb) + " ";
  append_edn(text, invocation.op().value);
  text += " of process " + to_string(invocation.process) + ", " + end + ": " + fate + ".";
  return text;
}

// Which ops are concerned was read from traces, so it may be anything.
Anomaly anomaly_of(const BrokenInvariant& broken, const History& history) {
  Anomaly anomaly{.name = "broken-invariant", .explanation = broken.sentence};
  for (const ConcernedOp& concerned : broken.ops) {
    auto at = static_cast<std::uint64_t>(concerned.op);
    if (concerned.op < 0 || at >= history.size()) continue;
    OpView invocation = history[at];
    if (invocation.phase != Phase::invoke || !invocation.process.is_client()) continue;
    if (anomaly.ops.empty()) anomaly.explanation += ".";
    anomaly.explanation += " " + told(invocation, history, concerned.fate);
    anomaly.ops.push_back(at);
    if (invocation.pair != no_op) anomaly.ops.push_back(invocation.pair);
  }
  if (broken.ops_left_out > 0 && !anomaly.ops.empty()) {
    anomaly.explanation += " So it is with " + std::to_string(broken.ops_left_out) + " more ops.";
  }
  std::sort(anomaly.ops.begin(), anomaly.ops.end());
  return anomaly;
}

// "Nothing was read.", or of a load that reads otherwise: "Nothing was observed: no dequeue, drain
// was answered."
std::string nothing_observed(const std::vector<std::string>& observing) {
  if (observing == std::vector<std::string>{"read"}) return "Nothing was read.";
  std::string verbs;
  for (const std::string& verb : observing) verbs += (verbs.empty() ? "" : ", ") + verb;
  return "Nothing was observed: no " + verbs + " was answered.";
}

bool decides_claim(const ChosenChecker& chosen) {
  return !chosen.entry->consistency.empty() && !chosen.entry->domain;
}

Verdict undecided_claim(const RunEvidence& evidence, const Judges& judges) {
  Verdict verdict{.checker = "claim", .validity = Validity::unknown};
  const std::string& system = evidence.test.system.name;
  if (judges.claim.empty()) {
    verdict.summary = "No checker fits what " + system + " claims.";
    return verdict;
  }
  verdict.summary = "That " + system + " is " + judges.claim +
                    " was not checked: no checker decides it for these operations";
  if (judges.checks_stand_for_claim) {
    verdict.validity = Validity::valid;
    verdict.summary += ", and the checks of the workload stand for it";
  }
  verdict.summary += ".";
  return verdict;
}

}  // namespace

Verdict judge_evidence(const RunEvidence& evidence) {
  const std::vector<std::string>& observing = evidence.test.observing_verbs;
  Counts counts = count_client_ops(evidence.history, observing);
  std::vector<FaultWindow> windows = trusted_windows(evidence.history, evidence.record.lags);
  std::string reasons = healing_reasons(evidence);
  if (counts.invoked == 0) {
    add_reason(reasons, "No operation was tried.");
  } else if (counts.observed == 0) {
    add_reason(reasons, nothing_observed(observing));
  } else if (counts.ok * 20 < counts.invoked) {
    add_reason(reasons, "Only " + std::to_string(counts.ok) + " of " +
                            std::to_string(counts.invoked) + " operations were ok.");
  }
  if (std::string reason = fault_reasons(evidence, windows); !reason.empty()) {
    add_reason(reasons, std::move(reason));
  } else if (lacks_its_core(evidence, windows)) {
    add_reason(reasons, "No core of the nodes was confirmed to have been left alone.");
  }
  if (!evidence.test.nemeses.empty()) {
    for (const std::string& probe : evidence.test.system.required_probes) {
      if (evidence.record.probes.contains(probe)) continue;
      add_reason(reasons, "The run never reached '" + probe + "', which " +
                              evidence.test.system.name + " says every faulty run must.");
    }
  }
  Verdict verdict{.checker = "evidence"};
  verdict.validity = reasons.empty() ? Validity::valid : Validity::unknown;
  auto confirmed = std::count_if(windows.begin(), windows.end(),
                                 [](const FaultWindow& window) { return window.confirmed; });
  verdict.summary = reasons.empty()
                        ? "The run shows enough to judge: " + std::to_string(counts.ok) +
                              " operations were ok, " + std::to_string(confirmed) +
                              (confirmed == 1 ? " fault was" : " faults were") + " confirmed."
                        : reasons;
  if (evidence.test.system.make_invariants && !evidence.record.invariants_out_of_reach.empty()) {
    verdict.summary += " The protocol's invariants were not watched, for " +
                       evidence.record.invariants_out_of_reach + ".";
  }
  Map detail;
  detail["ops_invoked"] = static_cast<std::int64_t>(counts.invoked);
  detail["ops_ok"] = static_cast<std::int64_t>(counts.ok);
  detail["reads_ok"] = static_cast<std::int64_t>(counts.observed);
  detail["faults"] = static_cast<std::int64_t>(windows.size());
  detail["faults_confirmed"] = static_cast<std::int64_t>(confirmed);
  verdict.detail = std::move(detail);
  return verdict;
}

std::vector<Verdict> judge_invariants(const RunEvidence& evidence) {
  if (!evidence.test.system.make_invariants) return {};
  const WorldRecord& record = evidence.record;
  bool out_of_reach = !record.invariants_out_of_reach.empty();
  if (out_of_reach && record.broken_invariants.empty()) return {};
  Verdict verdict{.checker = "invariants", .validity = Validity::valid};
  verdict.summary = "The protocol's invariants held " + record.invariants_watched + ".";
  if (record.invariants_watched.empty()) {
    verdict.validity = Validity::unknown;
    verdict.summary = "Nothing was traced to check the protocol's invariants by.";
  }
  for (const BrokenInvariant& broken : record.broken_invariants) {
    verdict.anomalies.push_back(anomaly_of(broken, evidence.history));
  }
  if (verdict.anomalies.empty()) return {verdict};
  // Those that name ops first: they can be looked at.
  std::stable_partition(verdict.anomalies.begin(), verdict.anomalies.end(),
                        [](const Anomaly& anomaly) { return !anomaly.ops.empty(); });
  verdict.validity = Validity::invalid;
  verdict.summary = "An invariant of the protocol broke: " + verdict.anomalies.front().explanation;
  return {verdict};
}

Verdict judge(const RunEvidence& evidence, const Judges& judges, const CheckContext& context) {
  std::vector<Verdict> parts;
  std::vector<FaultWindow> windows = trusted_windows(evidence.history, evidence.record.lags);
  bool decided = false;
  for (const ChosenChecker& chosen : judges.checkers) {
    decided = decided || decides_claim(chosen);
    CheckContext own = context;
    own.options = chosen.options;
    Verdict verdict = check(*chosen.entry->make(), own, evidence.history);
    verdict.checker = chosen.entry->name;
    relate_to_faults(verdict, evidence.history, windows, evidence.test.nodes);
    parts.push_back(std::move(verdict));
  }
  if (!decided) parts.push_back(undecided_claim(evidence, judges));
  for (Verdict& verdict : judge_invariants(evidence)) parts.push_back(std::move(verdict));
  if (evidence.logs) parts.push_back(*evidence.logs);
  parts.push_back(judge_evidence(evidence));
  Verdict whole = Verdict::all_of("run", std::move(parts));
  if (whole.validity == Validity::valid) {
    const std::string& system = evidence.test.system.name;
    whole.summary = decided ? system + " kept its claim."
                            : system + " passed the checks of its workload. That it is " +
                                  judges.claim + " was not checked otherwise.";
  }
  return whole;
}

}  // namespace sunder
