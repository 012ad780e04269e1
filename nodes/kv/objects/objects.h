#pragma once
// What the replicated machine holds beside registers: one collection for each datatype.

#include "nodes/kv/command.h"
#include "nodes/kv/objects/bank.h"
#include "nodes/kv/objects/counters.h"
#include "nodes/kv/objects/leases.h"
#include "nodes/kv/objects/locks.h"
#include "nodes/kv/objects/logs.h"
#include "nodes/kv/objects/queues.h"
#include "nodes/kv/objects/sets.h"

namespace sunder {

class KvObjects {
 public:
  explicit KvObjects(LeaseFlaws flaws = {}) : leases_(flaws) {}
  KvAnswer execute(const KvCommand& command);
  KvAnswer observe(const KvCommand& command) const;

  const KvLeases& leases() const { return leases_; }
  const KvQueues& queues() const { return queues_; }

  std::uint64_t digest() const;
  bool empty() const;
  /// The collections that hold something, each under its number.
  void put(ByteWriter& out) const;
  /// REQUIRES: empty(). A reader that is not ok afterwards held no such bytes.
  bool get(ByteReader& in);

 private:
  KvAnswer on_lease(const KvCommand& command);
  template <class Self, class Visit>
  static void each(Self& self, Visit visit);  // visit(number, collection)

  KvSets sets_;
  KvQueues queues_;
  KvCounters counters_{3};
  KvLocks locks_;
  KvBank bank_;
  KvLogs logs_;
  KvCounters ids_{7};  // how many were given, under key 0
  KvLeases leases_;
};

}  // namespace sunder
