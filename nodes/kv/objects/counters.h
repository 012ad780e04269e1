#pragma once
// Numbers under keys to which numbers are added; and the source of ids, which is one of them.

#include <map>

#include "nodes/kv/bytes.h"
#include "nodes/kv/objects/entry_sum.h"

namespace sunder {

class KvCounters {
 public:
  explicit KvCounters(std::uint64_t kind) : sum_(kind) {}  // of the entries, for the digest

  /// What the counter is after it. Past the last integer it goes on with the least.
  std::int64_t add(std::int64_t key, std::int64_t amount) {
    auto [at, fresh] = counters_.try_emplace(key, 0);
    if (!fresh) sum_.remove(key, at->second);
    at->second = static_cast<std::int64_t>(static_cast<std::uint64_t>(at->second) +
                                           static_cast<std::uint64_t>(amount));
    sum_.add(key, at->second);
    return at->second;
  }
  std::int64_t read(std::int64_t key) const {
    auto found = counters_.find(key);
    return found == counters_.end() ? 0 : found->second;
  }

  bool empty() const { return counters_.empty(); }
  std::uint64_t digest() const { return sum_.value(); }
  void put(ByteWriter& out) const {
    out.number(static_cast<std::int64_t>(counters_.size()));
    for (const auto& [key, value] : counters_) {
      out.number(key);
      out.number(value);
    }
  }
  void get(ByteReader& in) {  // REQUIRES: empty()
    for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
      std::int64_t key = in.number();
      add(key, in.number());
    }
  }

 private:
  std::map<std::int64_t, std::int64_t> counters_;
  EntrySum sum_;
};

}  // namespace sunder
