#pragma once
// What all domain checks share: calls with their fates, keys, and ops that make no sense.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checker/domain/findings.h"
#include "checker/domain/ids.h"
#include "harness/api/checker.h"

namespace sunder::domain {

/// Behind every position of a history.
inline constexpr std::uint32_t open_end = UINT32_MAX;

/// One call of a client, from its invocation to its completion. Positions are those of ops.
struct Call {
  std::uint32_t invoked = 0;
  std::uint32_t completed = open_end;  // by whatever completion
  std::int64_t invoked_at = 0;         // ns
  std::int64_t completed_at = INT64_MAX;
  std::int32_t process = 0;
  std::int32_t lane = 0;  // the process as a dense number, below DomainChecker::lanes()
  std::int32_t key = 0;   // an id of DomainChecker::keys_
  Phase phase = Phase::info;

  bool ok() const { return phase == Phase::ok; }
  bool failed() const { return phase == Phase::fail; }
  /// Behind this the call surely has had its effect.
  std::uint32_t acknowledged() const { return ok() ? completed : open_end; }
};

/// How a check understands an op.
enum class Reading : std::uint8_t {
  understood,
  ignored,  // it has nothing to do with what is checked
  refused,  // the check cannot judge histories with such an op
};

/// A check that decodes all calls first and then judges each key by itself. A key with an op that
/// was refused is not judged: half-read operations prove nothing.
class DomainChecker : public Checker {
 public:
  void begin(const CheckContext& context) override { context_ = context; }
  void feed(const OpView& op) override;
  Verdict finish() override;

 protected:
  using Calls = std::span<const std::uint32_t>;  // indexes of calls, in order of invocation

  /// Reads an invocation, without its key, as the call `at`, the next one. Whatever is kept of it
  /// stands in vectors of the check's own, at that index.
  virtual Reading begin_call(std::size_t at, std::string_view verb, ValueView arguments) = 0;
  /// Reads its completion. `answer` is nil when the op has none, or, but for ok, an unusable one.
  virtual Reading end_call(std::size_t at, ValueView answer, std::string_view error) = 0;
  /// For the reason when an op is refused: "add of an element, read".
  virtual std::string expects() const = 0;
  /// Judges the calls of one key.
  virtual void judge(Calls calls, Findings& findings) = 0;
  /// Judges what concerns all keys together, after the keys.
  virtual void judge_rest(Findings&) {}
  /// The summary of a valid history: what exactly was shown.
  virtual std::string passed(const Findings& findings) const = 0;

  const Call& call(std::size_t at) const { return calls_[at]; }
  std::size_t calls() const { return calls_.size(); }
  std::size_t lanes() const { return lanes_.size(); }
  /// Meets ok calls, given in order of invocation, in that order. Before each of them every one is
  /// passed that had completed before it was invoked, in order of completion.
  template <class Pass, class Meet>
  void in_real_time(Calls ok_calls, Pass pass, Meet meet) const;
  /// "process 3's add of 5 (op 12)" when `what` is "add of 5".
  std::string told(std::size_t at, const std::string& what) const;
  /// The positions of a call, as evidence.
  std::vector<std::uint64_t> ops_of(std::initializer_list<std::size_t> calls) const;

  CheckContext context_;

 private:
  void invoke(const OpView& op);
  void complete(const OpView& op);
  /// Splits [key value]; false when it is none.
  bool split_key(const OpView& op, ValueView& value, std::int32_t& key);
  void refuse(const OpView& op, std::int32_t key, const std::string& what);
  void judge_keys(Findings& findings);
  std::vector<std::uint32_t> by_completion(Calls calls) const;

  std::vector<Call> calls_;
  std::vector<std::uint32_t> call_of_;  // by position of the invocation
  Ids keys_;
  Ids lanes_;
  std::vector<std::string> troubles_;  // by key; empty: none
  std::string trouble_;                // of an op whose key nobody knows
  std::uint64_t refused_ = 0;
};

template <class Pass, class Meet>
void DomainChecker::in_real_time(Calls ok_calls, Pass pass, Meet meet) const {
  std::vector<std::uint32_t> completed = by_completion(ok_calls);
  std::size_t next = 0;
  for (std::uint32_t at : ok_calls) {
    while (calls_[completed[next]].completed < calls_[at].invoked) pass(completed[next++]);
    meet(at);
  }
}

/// The entry of a check for a datatype; its name is "<check> <datatype>".
CheckerEntry entry_of(std::string check, std::string datatype, std::string summary,
                      std::string datatype_summary, std::vector<OptionSpec> options,
                      std::function<std::unique_ptr<Checker>()> make);

}  // namespace sunder::domain
