#pragma once
// Judges of histories.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/api/registry.h"
#include "harness/api/world.h"
#include "harness/core/history.h"
#include "harness/core/options.h"
#include "harness/core/verdict.h"

namespace sunder {

/// A time in which a fault was on, derived from the history's nemesis ops.
struct FaultWindow {
  std::string kind;
  std::vector<std::string> targets;
  Instant begin;
  Instant end;             // of the run when it was never lifted
  bool confirmed = false;
  std::uint64_t begin_op = no_op;  // completions in the history
  std::uint64_t end_op = no_op;
  Value evidence;
};
std::vector<FaultWindow> fault_windows(const History& history);
/// The fault windows of a history, with `confirmed` taken away from those whose effects fell into a
/// time in which the harness itself was late: a starved machine must not pass for a fault.
std::vector<FaultWindow> trusted_windows(const History& history,
                                         const std::vector<HarnessLag>& lags);

/// What a checker is given. Past a budget it answers `unknown` and says how far it got.
struct CheckContext {
  bool keyed = false;                // values are [key value]
  Options options;                   // the checker's own
  Duration time_budget = std::chrono::seconds(60);
  std::size_t memory_budget = std::size_t{4} << 30;  // bytes
  int jobs = 1;                      // threads it may use
  const std::atomic<bool>* stop = nullptr;           // null: never stopped
  std::function<void(const std::string&)> progress;  // may be empty
  /// Given the proof of the verdict, from checkers that make one; empty: none is wanted.
  std::function<void(const Value&)> certificate;
};

/// Fed every op of a history in order, once. Offline checking is feeding all of them.
class Checker {
 public:
  virtual ~Checker() = default;
  virtual void begin(const CheckContext& context) = 0;
  virtual void feed(const OpView& op) = 0;
  virtual Verdict finish() = 0;
};

/// A checker in the catalogue. Empty datatype or consistency: fits every history.
struct CheckerEntry {
  std::string name;  // "linearizable cas-register"
  std::string datatype;
  std::string consistency;
  std::string summary;  // of the consistency model, or of what the checker finds out
  std::string datatype_summary{};  // what the operations mean
  /// Looks for anomalies of one datatype instead of deciding a consistency model; `consistency` is
  /// then the check's own name ("set-full").
  bool domain = false;
  /// Tells figures for people and judges nothing; left out where many runs are judged.
  bool tells_only = false;
  std::vector<OptionSpec> options;
  std::function<std::unique_ptr<Checker>()> make;
};

/// Runs one checker over a whole history. An exception in it becomes `unknown` with the reason.
Verdict check(Checker& checker, const CheckContext& context, const History& history);

extern template class Registry<CheckerEntry>;  // compiled once, in registry.cpp

}  // namespace sunder
