#pragma once
// What a replica has seen and said for each sequence number between its watermarks: in memory for
// use, in Storage for good.

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "harness/api/runtime.h"
#include "nodes/pbft/messages.h"

namespace sunder::pbft {

using SharedBatch = std::shared_ptr<const Batch>;

/// A voter's word for one sequence number; only its newest view counts.
struct Vote {
  std::int64_t view = -1;
  std::int64_t digest = 0;
};

struct Slot {
  explicit Slot(std::size_t replicas) : prepares(replicas), commits(replicas) {}

  // In the view that its replica is in; accepted is durable.
  bool accepted = false;
  std::int64_t view = -1;
  std::int64_t digest = 0;
  // Told by a new view, but the batch is not here yet.
  bool awaits_batch = false;

  std::vector<Vote> prepares;  // by replica; the primary's pre-prepare is not among them
  std::vector<Vote> commits;
  std::optional<Certificate> prepared;    // P, durable: this replica commits to it
  std::vector<Certificate> pre_prepared;  // Q, durable
  std::map<std::int64_t, SharedBatch> batches;  // by digest
  std::optional<std::int64_t> committed;        // the digest that a quorum committed
  std::optional<std::uint64_t> first_record;    // in Storage
  Instant fetched{};                            // when its batch was last asked for
};

/// Nothing here syncs: the caller owns the barrier.
class Log {
 public:
  Log(Storage& storage, std::size_t replicas) : storage_(storage), replicas_(replicas) {}

  /// Reads what survived of the numbers after the stable one. Accepted in the view are those whose
  /// newest record is of that view.
  void recover(std::int64_t stable, std::int64_t view);

  Slot& at(std::int64_t sequence);  // made when it is not there
  Slot* find(std::int64_t sequence);
  std::map<std::int64_t, Slot>& slots() { return slots_; }
  std::int64_t last() const { return slots_.empty() ? 0 : slots_.rbegin()->first; }

  /// The slot takes the batch of a view's pre-prepare: an entry of Q.
  void accept(std::int64_t sequence, std::int64_t view, std::int64_t digest, SharedBatch batch,
              bool durable);
  /// The slot has a prepared certificate: an entry of P.
  void prepare(std::int64_t sequence, std::int64_t view, std::int64_t digest, bool durable);

  /// Forgets what a durable state holds.
  void discard_through(std::int64_t sequence);

  std::vector<Certificate> prepared() const;
  std::vector<Certificate> pre_prepared() const;

 private:
  void read(std::uint64_t index, std::int64_t stable);
  void note_accepted(Slot& slot, const Certificate& certificate);
  void write(Slot& slot, Bytes record);

  Storage& storage_;
  std::size_t replicas_;
  std::map<std::int64_t, Slot> slots_;
};

}  // namespace sunder::pbft
