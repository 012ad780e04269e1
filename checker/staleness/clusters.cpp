#include "checker/staleness/clusters.h"

#include <algorithm>

namespace sunder::staleness {
namespace {

constexpr Moment after_virtual_write{-1, 0};

// The operations of each key in order of their invocations. What is compared lies side by side:
// looking it up among a million operations takes twice as long.
void sort_by_key(const Registers& registers, std::vector<Index>& operations) {
  std::vector<std::pair<std::uint64_t, Index>> keyed;
  keyed.reserve(operations.size());
  for (Index i : operations) {
    auto key = static_cast<std::uint64_t>(static_cast<std::uint32_t>(registers[i].key));
    keyed.emplace_back(key << 32 | registers[i].invoked, i);
  }
  std::sort(keyed.begin(), keyed.end());
  for (std::size_t at = 0; at < keyed.size(); ++at) operations[at] = keyed[at].second;
}

}  // namespace

std::int64_t elapsed(Moment then, Moment now) {
  if (now.at <= then.at) return 0;
  std::uint64_t apart = static_cast<std::uint64_t>(now.at) - static_cast<std::uint64_t>(then.at);
  return static_cast<std::int64_t>(std::min<std::uint64_t>(apart, INT64_MAX));
}

Moment invocation(const Operation& operation) {
  return {static_cast<std::int64_t>(operation.invoked), operation.invoked_at};
}

Moment completion(const Operation& operation) {
  if (operation.returned == weak::never) return not_yet;
  return {static_cast<std::int64_t>(operation.returned), operation.returned_at};
}

Clusters::Clusters(const Registers& registers) : cluster_of_(registers.size()) {
  std::vector<bool> was_read(registers.size());
  for (const Operation& operation : registers.operations) {
    if (operation.is_read() && operation.source != weak::initial) was_read[operation.source] = true;
  }
  std::vector<Index> writes;
  for (Index i = 0; i < registers.size(); ++i) {
    if (registers[i].is_read()) {
      reads_.push_back(i);
    } else if (was_read[i] || registers[i].returned != weak::never) {
      writes.push_back(i);
    }
  }
  sort_by_key(registers, writes);
  sort_by_key(registers, reads_);
  auto write = writes.begin();
  auto read = reads_.begin();
  for (std::int32_t key = 0; key < registers.keys; ++key) {
    auto other_key = [&](Index i) { return registers[i].key != key; };
    auto writes_end = std::find_if(write, writes.end(), other_key);
    read = std::find_if(read, reads_.end(), other_key);
    reads_begin_.push_back(static_cast<std::uint32_t>(read - reads_.begin()));
    open_clusters(registers, {write, writes_end}, key);
    write = writes_end;
  }
}

void Clusters::open_clusters(const Registers& registers, std::span<const Index> writes,
                             std::int32_t key) {
  std::uint32_t begin = begin_.back();
  auto last = static_cast<std::size_t>(key);
  std::span<const Index> reads = std::span<const Index>(reads_).subspan(
      reads_begin_[last], reads_begin_[last + 1] - reads_begin_[last]);
  bool begins = std::any_of(reads.begin(), reads.end(),
                            [&](Index i) { return registers[i].source == weak::initial; });
  if (begins) clusters_.push_back({.settled = after_virtual_write, .last_call = before_all});
  for (Index i : writes) {
    cluster_of_[i] = static_cast<std::uint32_t>(clusters_.size()) - begin;
    clusters_.push_back({.write = i,
                         .invoked = invocation(registers[i]),
                         .settled = completion(registers[i]),
                         .last_call = invocation(registers[i])});
  }
  for (Index i : reads) {
    const Operation& read = registers[i];
    cluster_of_[i] = read.source == weak::initial ? 0 : cluster_of_[read.source];
    Cluster& cluster = clusters_[begin + cluster_of_[i]];
    ++cluster.reads;
    cluster.settled = std::min(cluster.settled, completion(read));
    cluster.last_call = std::max(cluster.last_call, invocation(read));
  }
  begin_.push_back(static_cast<std::uint32_t>(clusters_.size()));
}

}  // namespace sunder::staleness
