#pragma once
// Append-only logs of integers under keys, read by offset as from a partition of Kafka.

#include <algorithm>
#include <map>
#include <vector>

#include "nodes/kv/bytes.h"
#include "nodes/kv/objects/entry_sum.h"

namespace sunder {

class KvLogs {
 public:
  std::int64_t send(std::int64_t key, std::int64_t value) {  // its offset
    std::vector<std::int64_t>& log = logs_[key];
    auto offset = static_cast<std::int64_t>(log.size());
    log.push_back(value);
    sum_.add(key, offset, value);
    return offset;
  }
  /// At most `count` values from an offset on.
  std::vector<std::int64_t> poll(std::int64_t key, std::int64_t offset, std::int64_t count) const {
    auto found = logs_.find(key);
    if (found == logs_.end() || offset < 0) return {};
    const std::vector<std::int64_t>& log = found->second;
    auto size = static_cast<std::int64_t>(log.size());
    std::int64_t begin = std::min(offset, size);
    std::int64_t end = begin + std::clamp<std::int64_t>(count, 0, size - begin);
    return {log.begin() + begin, log.begin() + end};
  }

  bool empty() const { return logs_.empty(); }
  std::uint64_t digest() const { return sum_.value(); }
  void put(ByteWriter& out) const {
    out.number(static_cast<std::int64_t>(logs_.size()));
    for (const auto& [key, log] : logs_) {
      out.number(key);
      out.number(static_cast<std::int64_t>(log.size()));
      for (std::int64_t value : log) out.number(value);
    }
  }
  void get(ByteReader& in) {  // REQUIRES: empty()
    for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
      std::int64_t key = in.number();
      for (std::int64_t more = in.number(); more > 0 && in.ok(); --more) send(key, in.number());
    }
  }

 private:
  std::map<std::int64_t, std::vector<std::int64_t>> logs_;
  EntrySum sum_{6};
};

}  // namespace sunder
