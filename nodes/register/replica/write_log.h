#pragma once
// The writes that a replica has: on disk for good, in memory as long as a peer may lack them.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/runtime.h"
#include "nodes/clock/vector.h"
#include "nodes/register/replica/write.h"

namespace sunder::registers {

/// Nothing here syncs but compact(): the caller owns the barrier.
/// On disk: a log of writes in the order in which they were applied; "snapshot" -> the state that
/// they made, how many of each node's writes have been forgotten, and the writes kept.
class WriteLog {
 public:
  WriteLog(Storage& storage, std::size_t nodes) : storage_(storage), origins_(nodes) {}

  /// Reads what survived: gives the snapshot's state, if there is one, and then every later write
  /// in the order in which it was added.
  void recover(const std::function<void(ByteReader&)>& state,
               const std::function<void(const Write&)>& replay);

  bool fits(const Write& write) const;  // names a node of this cluster
  bool has(const Write& write) const;   // REQUIRES: fits(write)
  void add(const Write& write);         // REQUIRES: fits(write), !has(write)

  /// Of each node, how many writes are here without a gap.
  const clock::VectorClock& counts() const { return counts_; }
  /// The highest sequence of a node that is here, gaps or not.
  std::int64_t highest(std::size_t origin) const;
  /// Writes beyond these counts, at most so many, each node's in order.
  std::vector<Write> beyond(const clock::VectorClock& counts, std::size_t limit) const;

  std::int64_t added_since_snapshot() const { return added_; }
  /// Replaces the log on disk by a snapshot, and forgets writes that every replica has.
  void compact(const std::string& state, const clock::VectorClock& known_by_all);

 private:
  struct Origin {
    std::int64_t forgotten = 0;            // sequences up to here are known everywhere
    std::map<std::int64_t, Write> writes;  // by sequence
  };
  void keep(const Write& write);
  void restore(const Bytes& saved, const std::function<void(ByteReader&)>& state);

  Storage& storage_;
  std::vector<Origin> origins_;
  clock::VectorClock counts_;
  std::int64_t added_ = 0;
};

}  // namespace sunder::registers
