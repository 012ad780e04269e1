#pragma once
// What a site keeps on disk: everything that happened to its documents, in order. A restart plays
// it again.

#include <functional>

#include "harness/api/runtime.h"
#include "nodes/jupiter/messages.h"

namespace sunder::jupiter {

/// Nothing here syncs: the caller owns the barrier. On disk, as zigzag varints: kind and key, and
/// then of an edit the edit and its update, of a received operation the peer, its index and the
/// operation. What an update had seen is written with it.
class Journal {
 public:
  explicit Journal(Storage& storage) : storage_(storage) {}

  void edited(std::int64_t key, const Edit& edit, const text::Update& update);
  void sealed(std::int64_t key);
  void received(std::int64_t key, std::int64_t peer, std::int64_t index,
                const Operation& operation);
  void grown(std::int64_t key);  // for a flaw

  struct Replay {  // each answers false when a record cannot follow the ones before it
    std::function<bool(std::int64_t key, const Edit& edit, const text::Update& update)> edited;
    std::function<bool(std::int64_t key)> sealed;
    std::function<bool(std::int64_t key, std::int64_t peer, std::int64_t index,
                       const Operation& operation)>
        received;
    std::function<bool(std::int64_t key)> grown;
  };
  /// Gives every record that survived. What follows a torn one is dropped.
  void recover(const Replay& replay);

 private:
  static bool play(const Bytes& record, const Replay& replay);
  Storage& storage_;
};

}  // namespace sunder::jupiter
