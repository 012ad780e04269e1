#pragma once
// A datatype: how recorded ops become calls, what calls mean, and which shortcuts it allows.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checker/linearizable/call.h"
#include "checker/linearizable/decision.h"
#include "checker/linearizable/model.h"
#include "checker/linearizable/value_table.h"
#include "checker/linearizable/verify/patterns.h"
#include "harness/core/op.h"
#include "harness/core/options.h"

namespace sunder::linearizable {

/// What became of a call.
enum class Fate : std::uint8_t {
  happened,  // inside its interval
  never,     // it surely did not take effect, or says nothing: it is left out
  crashed,   // nobody knows
  broken,    // its answer cannot be understood: the history cannot be judged
};

/// One datatype while it reads one history. It owns the values that its calls name.
class Datatype {
 public:
  virtual ~Datatype() = default;

  /// Reads an invocation's arguments (without the key) into verb, input and output. The process is
  /// the owner of locks whose arguments name no other. False when this is no operation of the
  /// datatype.
  virtual bool begin(std::string_view verb, ValueView arguments, Process process, Call& call) = 0;
  /// Adds what a completion says: `answer` is its value without the key, nil for info.
  virtual Fate end(Call& call, Phase phase, ValueView answer, std::string_view error) = 0;
  /// For the error when begin() or end() refuse an op: "read, write of a value, cas of a pair".
  virtual std::string expects() const = 0;

  /// The datatype must outlive its models, and reads no further op once it has made one.
  virtual std::unique_ptr<Model> model() const = 0;
  /// Leaves out crashed calls that cannot matter for the verdict, beyond crashed observations
  /// (which are left out for every datatype).
  virtual void prune(Operations& operations) const { (void)operations; }
  /// Decides a partition, exactly and in near-linear time, when its operations are of a kind that
  /// allows it: in order of invocation. `undecided`: only the general search can. `wants_order`:
  /// build the witness too.
  virtual Decision monitor(std::span<const Operation>, bool wants_order) const {
    (void)wants_order;
    return {};
  }
  /// Checks by itself, on the full history, that a pattern by which the monitor refutes is there
  /// and is forbidden. Empty when it is; else what is wrong.
  virtual std::string disprove(const Claim&) const { return "the datatype has no such pattern"; }

  /// Of datatypes that hold one value: what must be there for the call to be possible, and what it
  /// leaves there; nullopt: nothing in particular. Explanations are told with them.
  virtual std::optional<std::int32_t> needs(const Call&) const { return {}; }
  virtual std::optional<std::int32_t> leaves(const Call&) const { return {}; }

  /// "read 3": the call with its answer; of a crashed call without.
  virtual std::string describe(const Call& call, bool crashed) const = 0;

  ValueTable& values() { return values_; }
  const ValueTable& values() const { return values_; }

 protected:
  ValueTable values_;
};

/// A datatype in the list of datatypes.
struct DatatypeEntry {
  std::string name;     // "fifo-queue"
  std::string summary;  // "first in, first out"; dequeue of an empty queue answers nil
  std::vector<OptionSpec> options;
  std::unique_ptr<Datatype> (*make)(const Options& options);
};

/// Every datatype, in order of name.
const std::vector<DatatypeEntry>& datatypes();

}  // namespace sunder::linearizable
