#pragma once
// A replica's writes in the order of the chain, and the state that they began from.

#include <cstdint>
#include <string>
#include <vector>

#include "harness/api/runtime.h"
#include "nodes/chain/messages.h"

namespace sunder::chain {

/// Indexes begin at 1; those up to base() are in the snapshot only. Lives in Storage's map, since
/// Storage's log is the configuration service's. On disk: "chain snapshot" -> base, hash, lineage,
/// up to where entries were erased, state; "chain entry N" -> lineage, hash up to N - 1, epoch and
/// command. A lineage is the epoch in which a replica was given its snapshot by another: what a
/// crash left of an older one can so never be taken for what follows the snapshot.
/// A barrier orders what is sent, not the writes: a crash before it has finished may keep an
/// erasure and lose the snapshot that stands before it. So entries are erased when the snapshot is
/// known to be durable: from an answer to what was sent after it, or because it survived.
class Log {
 public:
  Log(Storage& storage, bool syncs) : storage_(storage), syncs_(syncs) {}

  /// Reads what survived: the snapshot, and all entries up to the first hole.
  void recover();

  std::int64_t base() const { return base_; }
  std::int64_t last() const { return base_ + static_cast<std::int64_t>(slots_.size()); }
  std::int64_t lineage() const { return lineage_; }
  const std::string& state() const { return state_; }  // at base()
  // These REQUIRE base() <= index <= last(), and the entry base() < index.
  std::int64_t hash_at(std::int64_t index) const;
  const Entry& at(std::int64_t index) const;

  void append(const Entry& entry);
  /// Replaces entries up to index by the state after it.
  void compact(std::int64_t index, std::string state);
  /// Erases the entries that the snapshot replaced. REQUIRES: it is durable.
  void erase_replaced();
  /// Forgets everything for what another replica holds at an index.
  void install(std::int64_t index, std::int64_t hash, std::int64_t lineage, std::string state);
  void barrier();  // Storage::sync, the one place

 private:
  struct Slot {
    Entry entry;
    std::int64_t hash;
  };
  void save_snapshot(std::int64_t index, std::int64_t hash, std::string state);

  Storage& storage_;
  bool syncs_;
  std::vector<Slot> slots_;
  std::int64_t base_ = 0;
  std::int64_t base_hash_ = 0;
  std::int64_t lineage_ = 0;
  std::int64_t erased_ = 0;  // entries up to here are erased
  std::string state_;
};

}  // namespace sunder::chain
