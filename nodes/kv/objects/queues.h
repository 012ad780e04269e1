#pragma once
// Queues of integers under keys: first in, first out.

#include <deque>
#include <map>
#include <optional>

#include "nodes/kv/bytes.h"
#include "nodes/kv/objects/entry_sum.h"

namespace sunder {

class KvQueues {
 public:
  void enqueue(std::int64_t key, std::int64_t value) { push(key, queues_[key], value); }
  std::optional<std::int64_t> dequeue(std::int64_t key) {
    auto found = queues_.find(key);
    if (found == queues_.end() || found->second.values.empty()) return {};
    Queue& queue = found->second;
    std::int64_t value = queue.values.front();
    queue.values.pop_front();
    sum_.remove(key, queue.taken++, value);
    return value;
  }

  /// What the next take but `skipped` would get.
  std::optional<std::int64_t> peek(std::int64_t key, std::size_t skipped) const {
    auto found = queues_.find(key);
    if (found == queues_.end() || found->second.values.size() <= skipped) return {};
    return found->second.values[skipped];
  }

  bool empty() const { return queues_.empty(); }
  std::uint64_t digest() const { return sum_.value(); }
  void put(ByteWriter& out) const {
    out.number(static_cast<std::int64_t>(queues_.size()));
    for (const auto& [key, queue] : queues_) {
      out.number(key);
      out.number(queue.taken);
      out.number(static_cast<std::int64_t>(queue.values.size()));
      for (std::int64_t value : queue.values) out.number(value);
    }
  }
  void get(ByteReader& in) {  // REQUIRES: empty()
    for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
      std::int64_t key = in.number();
      Queue& queue = queues_[key];
      queue.taken = in.number();
      for (std::int64_t more = in.number(); more > 0 && in.ok(); --more) {
        push(key, queue, in.number());
      }
    }
  }

 private:
  struct Queue {
    std::int64_t taken = 0;  // so many before the first of the values
    std::deque<std::int64_t> values;
  };
  void push(std::int64_t key, Queue& queue, std::int64_t value) {
    sum_.add(key, queue.taken + static_cast<std::int64_t>(queue.values.size()), value);
    queue.values.push_back(value);
  }

  std::map<std::int64_t, Queue> queues_;
  EntrySum sum_{2};
};

}  // namespace sunder
