#pragma once
// From recorded ops to the operations of each partition.

#include <string>
#include <vector>

#include "checker/linearizable/datatype.h"
#include "harness/core/history.h"

namespace sunder::linearizable {

/// What people want to know of an operation and the search does not.
struct Facts {
  std::uint32_t invoked = 0;            // position of the invocation
  std::uint32_t completion = open_end;  // position; also of a crashed call that was answered
  Process process;
  Instant invoked_at;
  Instant returned_at = never;
};

/// The operations on one key, or all of them.
struct Partition {
  std::int32_t key = 0;  // id in Recorder::keys()
  Operations operations;
};

/// Collects the operations of a history, op by op.
class Recorder {
 public:
  /// With `keyed`, values are [key value]. The datatype must outlive this.
  Recorder(Datatype& datatype, bool keyed) : datatype_(datatype), keyed_(keyed) {}

  void feed(const OpView& op);

  std::size_t client_ops() const { return client_ops_; }  // invocations
  /// What could not be decoded, a whole sentence; empty when all was. The first such op is named.
  const std::string& trouble() const { return trouble_; }
  std::uint64_t troubles() const { return troubles_; }
  const ValueTable& keys() const { return keys_; }

  /// The operations by key in order of first use, without what did not happen. `split`: a partition
  /// for each key, otherwise a single one. Ends the collecting.
  std::vector<Partition> take(bool split);
  /// The facts of the operation that was invoked at this position.
  const Facts& facts(std::uint32_t invoked) const;

 private:
  struct Record {
    Operation operation;
    Fate fate = Fate::crashed;
  };

  void invoke(const OpView& op);
  void complete(const OpView& op);
  bool split_key(const OpView& op, ValueView& value, std::int32_t& key);
  void complain(const OpView& op, const std::string& what);

  Datatype& datatype_;
  bool keyed_;
  ValueTable keys_;
  std::vector<Record> records_;
  std::vector<Facts> facts_;              // one a record
  std::vector<std::uint32_t> record_of_;  // by position of the invocation; nobody: not understood
  std::size_t client_ops_ = 0;
  std::string trouble_;
  std::uint64_t troubles_ = 0;
};

}  // namespace sunder::linearizable
