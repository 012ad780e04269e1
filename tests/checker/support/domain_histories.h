#pragma once
// What the tests of domain checks share: verdicts by name, calls in the plain, random histories.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "harness/api/checker.h"
#include "harness/core/rng.h"
#include "tests/checker/support/small_histories.h"

namespace sunder::testing_support {

/// A check of the catalogue with its options.
struct DomainCheck {
  std::string name;  // "set-full g-set"
  OptionTexts options{};
};

Verdict judge(const DomainCheck& check, const History& history, bool keyed = false);
/// The names of all anomalies that were counted.
std::set<std::string> anomaly_names(const Verdict& verdict);
/// The history, one op a line.
std::string text_of(const History& history);

/// One call with everything that is said of it, for definitions that are written out naively.
struct PlainCall {
  static constexpr std::uint64_t open = UINT64_MAX;

  std::string verb;
  Value asked;
  Value answer;  // of ok
  Phase phase = Phase::info;
  int process = 0;
  std::uint64_t invoked = 0;
  std::uint64_t completed = open;  // by whatever completion
  std::int64_t invoked_at = 0;
  std::int64_t completed_at = INT64_MAX;

  bool ok() const { return phase == Phase::ok; }
  bool may_have_happened() const { return phase != Phase::fail; }
  bool before(const PlainCall& other) const { return ok() && completed < other.invoked; }
};
std::vector<PlainCall> plain_calls(const History& history);

/// Random calls of a few processes with random ones of their possible answers. Some crash, and a
/// process that crashed is replaced; some fail.
struct RandomLoad {
  Asked (*ask)(Rng& rng, int fresh);
  int operations = 8;
  int processes = 3;
  std::uint64_t crash_percent = 10;
  std::uint64_t fail_percent = 10;
};
History random_history(const RandomLoad& load, std::uint64_t seed);

/// The ops of a history, to be changed, and the history of such ops.
std::vector<Op> ops_of(const History& history);
History history_of(const std::vector<Op>& ops);

/// A right object under a load: every call takes effect at one instant between its invocation and
/// its completion, or, when it crashes, perhaps at some later time.
class RightObject {
 public:
  virtual ~RightObject() = default;
  /// What a client asks next: verb and value. `last`: the calls of the end, one after the other.
  virtual Op ask(Rng& rng, int process) = 0;
  virtual std::vector<Op> finale() { return {}; }
  /// Takes effect; fills in the answer, or the phase fail.
  virtual void apply(Op& op) = 0;
  /// Told when a call completes ok, so that clients know what they hold.
  virtual void completed(const Op&) {}
};
struct SimulatedLoad {
  std::size_t operations = 150;
  int processes = 5;
  Ratio crash{2, 100};
};
History simulate(RightObject& object, const SimulatedLoad& load, std::uint64_t seed);

}  // namespace sunder::testing_support
