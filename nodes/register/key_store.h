#pragma once
// Records by integer key in a node's Storage, found again after a restart.

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "harness/api/runtime.h"
#include "nodes/kv/bytes.h"

namespace sunder::registers {

/// Storage's map cannot be iterated, so the keys stand in its log as well. On disk: "register K" ->
/// the record; a log of the keys, each at least once. Nothing here syncs: the caller owns the
/// barrier.
class KeyStore {
 public:
  explicit KeyStore(Storage& storage) : storage_(storage) {}

  void put(std::int64_t key, Bytes record) {
    storage_.put(name(key), std::move(record));
    if (!keys_.insert(key).second) return;
    ByteWriter out;
    out.number(key);
    storage_.append(out.take());
  }

  /// Gives every record that survived, once.
  void recover(const std::function<void(std::int64_t key, ByteReader& record)>& visit) {
    std::uint64_t at = storage_.log_begin();
    for (; at < storage_.log_end(); ++at) {
      ByteReader in(storage_.log_read(at));
      std::int64_t key = in.number();
      if (!in.ok()) break;  // torn, so that nobody was told of it
      const Bytes* saved = storage_.get(name(key));
      if (saved == nullptr || !keys_.insert(key).second) continue;
      ByteReader record(*saved);
      visit(key, record);
    }
    if (at < storage_.log_end()) storage_.truncate_from(at);
  }

 private:
  static std::string name(std::int64_t key) { return "register " + std::to_string(key); }

  Storage& storage_;
  std::set<std::int64_t> keys_;  // that stand in the log
};

/// How often this node has been started, this time included. Durable after the next barrier.
inline std::int64_t count_boot(Storage& storage) {
  std::int64_t boots = 0;
  if (const Bytes* saved = storage.get("boot")) boots = ByteReader(*saved).number();
  ByteWriter out;
  out.number(boots + 1);
  storage.put("boot", out.take());
  return boots + 1;
}

}  // namespace sunder::registers
