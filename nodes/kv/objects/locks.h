#pragma once
// Locks under keys. Whoever acquires one gets a fencing token that is greater than all before it
// (Kleppmann, "How to do distributed locking", 2016). They know no leases: there is no clock here.

#include <map>
#include <optional>

#include "nodes/kv/bytes.h"
#include "nodes/kv/objects/entry_sum.h"

namespace sunder {

class KvLocks {
 public:
  /// The fencing token; nothing when somebody holds the lock, be it the same owner.
  std::optional<std::int64_t> acquire(std::int64_t key, std::int64_t owner) {
    auto found = locks_.find(key);
    Lock lock = found == locks_.end() ? Lock{} : found->second;
    if (lock.holder) return {};
    lock.holder = owner;
    ++lock.token;
    set(key, lock);
    return lock.token;
  }
  /// False when the owner does not hold it.
  bool release(std::int64_t key, std::int64_t owner) {
    auto found = locks_.find(key);
    if (found == locks_.end() || found->second.holder != owner) return false;
    set(key, {std::nullopt, found->second.token});
    return true;
  }

  bool empty() const { return locks_.empty(); }
  std::uint64_t digest() const { return sum_.value(); }
  void put(ByteWriter& out) const {
    out.number(static_cast<std::int64_t>(locks_.size()));
    for (const auto& [key, lock] : locks_) {
      out.number(key);
      out.number(lock.token);
      out.number(lock.holder ? 1 : 0);
      out.number(lock.holder.value_or(0));
    }
  }
  void get(ByteReader& in) {  // REQUIRES: empty()
    for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
      std::int64_t key = in.number();
      Lock lock{.token = in.number()};
      bool held = in.number() != 0;
      std::int64_t holder = in.number();
      if (held) lock.holder = holder;
      set(key, lock);
    }
  }

 private:
  struct Lock {
    std::optional<std::int64_t> holder{};
    std::int64_t token = 0;  // the last one that was given
  };
  // The holder as a number of its own: no owner is negative, but nothing relies on that.
  static std::int64_t word(const Lock& lock) { return lock.holder ? *lock.holder : INT64_MIN; }
  void set(std::int64_t key, const Lock& lock) {
    auto [at, fresh] = locks_.try_emplace(key, lock);
    if (!fresh) sum_.remove(key, at->second.token, word(at->second));
    at->second = lock;
    sum_.add(key, lock.token, word(lock));
  }

  std::map<std::int64_t, Lock> locks_;
  EntrySum sum_{4};
};

}  // namespace sunder
