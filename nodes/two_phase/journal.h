#pragma once
// The log of a node: what its participant has prepared and ended, and what its coordinator has
// decided, in one order.

#include <functional>

#include "nodes/two_phase/messages.h"
#include "harness/api/runtime.h"

namespace sunder::two_phase {

/// A transaction that a coordinator has committed.
struct Decision {
  std::int64_t txn = 0;
  std::int64_t time = 0;
  NodeId client;
};

/// On disk: records of zigzag varints, each beginning with its kind; 0: prepared: transaction,
/// snapshot, coordinator, reads, writes; 1: ended: transaction, time (0: rolled back); 2: decided:
/// transaction, time, client. Nothing here syncs: the caller owns the barrier.
class Journal {
 public:
  explicit Journal(Storage& storage) : storage_(storage) {}
  void prepared(NodeId coordinator, const Prepare& prepare);
  void ended(std::int64_t txn, std::int64_t time);
  void decided(const Decision& decision);

  struct Readers {
    std::function<void(NodeId coordinator, Prepare prepare)> prepared;
    std::function<void(std::int64_t txn, std::int64_t time)> ended;
    std::function<void(const Decision& decision)> decided;
  };
  /// Gives every record that survived, in order, and drops a torn end.
  void recover(const Readers& readers);

 private:
  Storage& storage_;
};

}  // namespace sunder::two_phase
