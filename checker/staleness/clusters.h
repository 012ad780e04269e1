#pragma once
// Each write together with the reads of its value, key by key: what staleness is measured on.

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "checker/weak/history.h"

namespace sunder::staleness {

using weak::Index;
using weak::Operation;
using weak::Registers;

/// A place in the history and its time. Places are compared, times are only told.
struct Moment {
  std::int64_t position = -1;
  std::int64_t at = 0;  // nanoseconds since the run began

  friend bool operator==(Moment a, Moment b) { return a.position == b.position; }
  friend auto operator<=>(Moment a, Moment b) { return a.position <=> b.position; }
};
inline constexpr Moment before_all{-2, 0};  // of the virtual first write, which settles at -1
inline constexpr Moment not_yet{INT64_MAX, INT64_MAX};

/// Nanoseconds between; 0 when the times of a recorded history run backwards.
std::int64_t elapsed(Moment then, Moment now);

Moment invocation(const Operation& operation);
Moment completion(const Operation& operation);  // not_yet when there is none

/// A write and the reads of its value. Gibbons and Korach (SIAM J. Comput. 1997) call it so.
struct Cluster {
  Index write = weak::initial;
  Moment invoked = before_all;  // of the write
  /// When the write had surely taken effect: it returned, or a read of it returned before that.
  Moment settled;
  Moment last_call;         // the latest invocation of the write and its reads
  std::uint32_t reads = 0;
  /// A read returned before the write was invoked: no order of any kind explains that.
  bool from_future() const { return settled < invoked; }
};

/// All clusters and reads of a history. Writes that never returned and were never read are left
/// out, for nobody knows whether they happened; the virtual first write is there where it was read.
class Clusters {
 public:
  explicit Clusters(const Registers& registers);

  std::int32_t keys() const { return static_cast<std::int32_t>(begin_.size()) - 1; }
  /// Of one key, in order of the writes' invocations.
  std::span<const Cluster> of_key(std::int32_t key) const { return part(clusters_, begin_, key); }
  /// The reads of one key, in order of their invocations.
  std::span<const Index> reads_of_key(std::int32_t key) const {
    return part(reads_, reads_begin_, key);
  }
  /// Of an operation that is in a cluster: the place of that in of_key().
  std::uint32_t cluster_of(Index operation) const { return cluster_of_[operation]; }

 private:
  template <class T>
  static std::span<const T> part(const std::vector<T>& all, const std::vector<std::uint32_t>& begin,
                                 std::int32_t key) {
    auto at = static_cast<std::size_t>(key);
    return std::span(all).subspan(begin[at], begin[at + 1] - begin[at]);
  }
  void open_clusters(const Registers& registers, std::span<const Index> writes, std::int32_t key);

  std::vector<Cluster> clusters_;
  std::vector<std::uint32_t> begin_{0};  // by key
  std::vector<Index> reads_;
  std::vector<std::uint32_t> reads_begin_{0};
  std::vector<std::uint32_t> cluster_of_;
};

}  // namespace sunder::staleness
