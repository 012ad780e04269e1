#pragma once
// Storage in memory whose durable part is a copy.

#include <map>
#include <vector>

#include "harness/api/runtime.h"

namespace sunder::testing_support {

/// What a disk holds; copied as a whole by a barrier.
struct DiskImage {
  std::uint64_t begin = 0;
  std::vector<Bytes> log;
  std::map<std::string, Bytes, std::less<>> values;
};

/// Writes go to `now`; sync() only tells its owner, who decides when `durable` becomes equal.
class MemoryStorage : public Storage {
 public:
  explicit MemoryStorage(std::function<void(DiskImage)> on_sync) : on_sync_(std::move(on_sync)) {}
  std::uint64_t log_begin() const override { return now.begin; }
  std::uint64_t log_end() const override { return now.begin + now.log.size(); }
  const Bytes& log_read(std::uint64_t index) const override {
    return now.log.at(index - now.begin);
  }
  void append(Bytes record) override { now.log.push_back(std::move(record)); }
  void truncate_from(std::uint64_t index) override { now.log.resize(index - now.begin); }
  void discard_before(std::uint64_t index) override {
    auto count = std::min<std::uint64_t>(index - now.begin, now.log.size());
    now.log.erase(now.log.begin(), now.log.begin() + static_cast<std::ptrdiff_t>(count));
    now.begin = index;
  }
  const Bytes* get(std::string_view key) const override {
    auto found = now.values.find(key);
    return found == now.values.end() ? nullptr : &found->second;
  }
  void put(std::string_view key, Bytes value) override { now.values[std::string(key)] = value; }
  void erase(std::string_view key) override { now.values.erase(std::string(key)); }
  void sync() override { on_sync_(now); }

  DiskImage now;

 private:
  std::function<void(DiskImage)> on_sync_;
};

}  // namespace sunder::testing_support
