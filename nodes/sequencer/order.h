#pragma once
// The total order as one node has it: entries on disk and in memory, indexes from 1.

#include <cstdint>
#include <vector>

#include "harness/api/runtime.h"
#include "nodes/sequencer/messages.h"

namespace sunder::sequencer {

/// Nothing here syncs: the caller owns the barrier.
class Order {
 public:
  explicit Order(Storage& storage) : storage_(storage) {}

  void recover() {
    std::uint64_t at = storage_.log_begin();
    for (; at < storage_.log_end(); ++at) {
      ByteReader in(storage_.log_read(at));
      Entry entry = get_entry(in);
      if (!in.ok()) break;  // torn, so that nobody was told of it
      entries_.push_back(entry);
    }
    if (at < storage_.log_end()) storage_.truncate_from(at);
  }

  std::int64_t last() const { return static_cast<std::int64_t>(entries_.size()); }
  bool has(std::int64_t index) const { return index > 0 && index <= last(); }
  const Entry& at(std::int64_t index) const {  // REQUIRES: has(index)
    return entries_[static_cast<std::size_t>(index - 1)];
  }
  /// 0 before the first entry. REQUIRES: index is 0 or has(index)
  std::int64_t epoch_at(std::int64_t index) const { return index == 0 ? 0 : at(index).epoch; }

  void append(const Entry& entry) {
    ByteWriter out;
    put_entry(out, entry);
    storage_.append(out.take());
    entries_.push_back(entry);
  }
  void truncate_from(std::int64_t index) {
    if (!has(index)) return;
    storage_.truncate_from(storage_.log_begin() + static_cast<std::uint64_t>(index - 1));
    entries_.resize(static_cast<std::size_t>(index - 1));
  }

 private:
  Storage& storage_;
  std::vector<Entry> entries_;
};

}  // namespace sunder::sequencer
