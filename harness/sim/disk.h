#pragma once
// A node's disk that forgets: everything no finished barrier covers may be lost in a crash.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "harness/api/runtime.h"
#include "harness/sim/world.h"

namespace sunder {

/// Holds the state that reads see, and for each write since the last finished barrier what is
/// needed to undo it. Positions count writes in program order. When a barrier ends is the host's
/// business: it hears of sync() through `on_sync` and says commit().
class SimDisk final : public Storage {
 public:
  explicit SimDisk(std::function<void()> on_sync) : on_sync_(std::move(on_sync)) {}

  std::uint64_t log_begin() const override { return begin_; }
  std::uint64_t log_end() const override { return begin_ + log_.size(); }
  const Bytes& log_read(std::uint64_t index) const override;
  void append(Bytes record) override;
  void truncate_from(std::uint64_t index) override;
  void discard_before(std::uint64_t index) override;
  const Bytes* get(std::string_view key) const override;
  void put(std::string_view key, Bytes value) override;
  void erase(std::string_view key) override;
  void sync() override { on_sync_(); }

  std::uint64_t position() const { return committed_ + writes_.size(); }
  std::uint64_t committed() const { return committed_; }
  /// All writes before `position` are durable from now on.
  void commit(std::uint64_t position);
  /// Writes from `issued` on had not left the process and are lost; of those between committed()
  /// and `issued` the policy decides. What is left is durable.
  void crash(std::uint64_t issued, CrashPolicy policy, Rng& rng);
  /// Forgets everything. REQUIRES: no write is without its commit, as after a crash.
  void wipe();
  std::int64_t entries() const;  // records and keys

  /// All that is durable, as a value.
  struct Image {
    std::deque<Bytes> log;
    std::uint64_t begin = 0;
    std::map<std::string, Bytes> keys;
    /// Records and keys that differ.
    std::int64_t difference(const Image& other) const;
  };
  Image durable();
  /// Goes back to an image. REQUIRES: no write is without its commit, as after a crash.
  void go_back(const Image& past);

 private:
  enum class Kind : std::uint8_t { append, truncate, discard, key };
  // What undo takes away is kept here, and becomes what redo needs.
  struct Undo {
    std::uint64_t number = 0;     // begin_ of the log, of a discard
    std::vector<Bytes> records;   // removed from the log; of an undone append, the record
    std::string key;
    std::unique_ptr<Bytes> value;  // null: absent
  };
  struct Write {
    Kind kind;
    std::uint64_t index = 0;     // of a truncate or discard
    std::unique_ptr<Undo> undo;  // null for an append that stands
  };

  void undo(Write& write);
  void redo(Write& write);
  void exchange(Undo& undo);  // the value of a key with the one kept
  void redo_prefix(std::vector<Write>& writes, Rng& rng);
  void redo_subset(std::vector<Write>& writes, Rng& rng);

  std::function<void()> on_sync_;
  std::deque<Bytes> log_;
  std::uint64_t begin_ = 0;
  std::map<std::string, std::unique_ptr<Bytes>, std::less<>> keys_;
  std::uint64_t committed_ = 0;
  std::deque<Write> writes_;  // since committed_
};

}  // namespace sunder
