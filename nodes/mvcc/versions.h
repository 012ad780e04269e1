#pragma once
// The committed versions of all keys.

#include <algorithm>
#include <map>
#include <span>
#include <vector>

#include "nodes/txn/messages.h"

namespace sunder::mvcc {

struct Version {
  std::int64_t time = 0;    // of its commit
  std::int64_t writer = 0;  // the transaction; 0: nobody ever wrote
  std::int64_t number = 0;  // of the write, within the transaction
  txn::Items items;
};

/// All versions are kept. Times of a key only grow.
class Versions {
 public:
  void add(std::int64_t key, Version version) { keys_[key].push_back(std::move(version)); }
  /// The one that a snapshot of this time holds.
  const Version& at(std::int64_t key, std::int64_t time) const {
    std::span<const Version> newer = after(key, time);
    std::span<const Version> whole = all(key);
    std::size_t older = whole.size() - newer.size();
    return older == 0 ? nothing_ : whole[older - 1];
  }
  const Version& newest(std::int64_t key) const { return at(key, INT64_MAX); }
  /// Those that a snapshot of this time does not hold, in order.
  std::span<const Version> after(std::int64_t key, std::int64_t time) const {
    std::span<const Version> whole = all(key);
    auto begin = std::upper_bound(whole.begin(), whole.end(), time,
                                  [](std::int64_t t, const Version& v) { return t < v.time; });
    return whole.subspan(static_cast<std::size_t>(begin - whole.begin()));
  }

 private:
  std::span<const Version> all(std::int64_t key) const {
    auto found = keys_.find(key);
    if (found == keys_.end()) return {};
    return found->second;
  }

  std::map<std::int64_t, std::vector<Version>> keys_;
  Version nothing_;
};

}  // namespace sunder::mvcc
