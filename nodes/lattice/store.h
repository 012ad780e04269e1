#pragma once
// A replica's objects on disk.

#include <functional>

#include "harness/api/runtime.h"
#include "nodes/lattice/object.h"

namespace sunder::lattice {

/// Nothing here syncs but compact(): the caller owns the barrier.
/// On disk: a log of what was joined, one part of one key a record; "objects" -> the whole of every
/// key, as the records before the log's first one made it.
class ObjectStore {
 public:
  using Objects = std::map<std::int64_t, Object>;  // by key
  explicit ObjectStore(Storage& storage) : storage_(storage) {}

  /// Reads what survived: parts to be joined in this order.
  void recover(const std::function<void(std::int64_t key, const Part& part)>& visit);
  void add(std::int64_t key, const Part& part);
  std::int64_t added() const { return added_; }  // since the log began anew
  void compact(const Objects& objects);

 private:
  Storage& storage_;
  std::int64_t added_ = 0;
};

}  // namespace sunder::lattice
