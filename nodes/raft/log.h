#pragma once
// The replicated log: in memory for use, in Storage for good.

#include <cstdint>
#include <vector>

#include "harness/api/runtime.h"
#include "nodes/raft/messages.h"
#include "nodes/raft/voters.h"

namespace sunder::raft {

/// Indexes begin at 1. Entries up to base() are in the snapshot and gone from here. Every index has
/// a chain hash over all entries up to it, so that two logs can be compared in one step. Nothing
/// here syncs: the caller owns the barrier. The configuration in force is the latest one in the
/// log, committed or not (section 6), so it comes and goes with the entries.
class Log {
 public:
  explicit Log(Storage& storage) : storage_(storage) {}

  /// Reads what survived, given where the snapshot ends. Records after the first that does not
  /// follow its predecessor were never synced, and are dropped.
  void recover(std::int64_t base, std::int64_t base_term, std::int64_t base_hash,
               const Voters& voters);

  std::int64_t base() const { return base_; }
  std::int64_t last_index() const { return base_ + static_cast<std::int64_t>(slots_.size()); }
  std::int64_t last_term() const { return term_at(last_index()); }
  bool has(std::int64_t index) const { return index > base_ && index <= last_index(); }
  // These REQUIRE: base() <= index <= last_index().
  std::int64_t term_at(std::int64_t index) const;
  std::int64_t hash_at(std::int64_t index) const;
  const Entry& at(std::int64_t index) const;  // REQUIRES: has(index)

  const Voters& voters() const { return changes_.empty() ? base_voters_ : changes_.back(); }
  /// As of an index. REQUIRES: base() <= index.
  const Voters& voters_at(std::int64_t index) const;

  std::int64_t append(const Entry& entry);  // its index
  void truncate_from(std::int64_t index);
  /// Forgets entries up to an index that a durable snapshot holds.
  void discard_through(std::int64_t index);
  /// Forgets everything; the log goes on after a snapshot's last entry.
  void reset(std::int64_t index, std::int64_t term, std::int64_t hash, const Voters& voters);

  /// The first index of the run of equal terms that holds `index`, as far as entries are kept.
  std::int64_t first_of_term_at(std::int64_t index) const;
  /// The last index whose term is not above `term`; base() when there is none.
  std::int64_t last_up_to_term(std::int64_t term) const;

 private:
  struct Slot {
    Entry entry;
    std::int64_t hash;
  };
  const Slot& slot(std::int64_t index) const {
    return slots_[static_cast<std::size_t>(index - base_ - 1)];
  }
  void push(const Entry& entry);
  std::uint64_t position(std::int64_t index) const {  // in storage
    return static_cast<std::uint64_t>(index - storage_offset_);
  }

  Storage& storage_;
  std::vector<Slot> slots_;
  std::int64_t base_ = 0;
  std::int64_t base_term_ = 0;
  std::int64_t base_hash_ = 0;
  std::int64_t storage_offset_ = 1;  // log index minus storage index
  Voters base_voters_;
  std::vector<Voters> changes_;  // of the entries kept, ascending
};

}  // namespace sunder::raft
