#pragma once
// From recorded ops to reads and writes with known reads-from.

#include <string>
#include <unordered_map>
#include <vector>

#include "checker/linearizable/value_table.h"
#include "checker/weak/history.h"
#include "harness/core/history.h"

namespace sunder::weak {

/// A read of a value that no write can have left there. It breaks every model.
struct Unwritten {
  std::uint64_t read = 0;              // position of the completion
  std::uint64_t failed_write = no_op;  // of the failed write's invocation, when there is one
  std::int32_t key = 0;
  std::int32_t value = 0;
};

struct Decoded {
  Registers registers;
  linearizable::ValueTable keys;
  linearizable::ValueTable values;
  std::vector<std::int32_t> key_ids;    // by Operation::key: id in `keys`
  std::vector<std::int32_t> value_ids;  // by operation: what it wrote or returned
  std::vector<std::int32_t> processes;  // by session
  std::vector<Unwritten> unwritten;
  std::size_t client_ops = 0;  // invocations
  std::size_t reads = 0;       // answered ok
  /// What could not be decoded, a whole sentence that names the first such op; empty when all was.
  std::string trouble;
  std::uint64_t troubles = 0;
};

/// Collects a history op by op: `read` (answers the value) and `write` of a value, with `keyed` as
/// [key value]. Reads that did not end ok and failed writes are left out. Values must be unique for
/// each key and differ from the initial one; what else there is goes to `trouble`. A process is a
/// session; one that goes on after an operation of unknown outcome begins a new session.
class Decoder {
 public:
  Decoder(bool keyed, const Value& first_value);
  void feed(const OpView& op);
  /// Ends the collecting.
  Decoded take();

 private:
  /// An operation as it was recorded, before it is known who read what.
  struct Draft {
    Operation operation;      // session: the one that it was invoked in
    std::int32_t value = 0;   // id
    Phase end = Phase::info;  // ok, fail, or info also without a completion
  };

  void invoke(const OpView& op);
  void complete(const OpView& op);
  bool split(const OpView& op, ValueView& value, std::int32_t& key);
  void complain(const OpView& op, const std::string& what);
  void find_writers();
  void link_reads();
  void place(std::vector<bool>& kept);

  bool keyed_;
  Decoded decoded_;
  std::int32_t first_value_;             // id of what registers hold before the first write
  std::vector<std::int32_t> dense_key_;  // by id in keys; -1: no operation yet
  std::vector<Draft> drafts_;
  std::vector<std::uint32_t> draft_of_;                         // by position of the invocation
  std::unordered_map<std::int32_t, std::uint32_t> session_of_;  // by process; looked up only
  std::unordered_map<std::int32_t, std::uint32_t> open_;        // by process: its open draft
  std::unordered_map<std::uint64_t, std::uint32_t> writer_;     // by (key, value): a draft
};

}  // namespace sunder::weak
