#pragma once
// One write as replicas pass it on and keep it, and the messages that carry it.

#include <cstdint>
#include <tuple>
#include <vector>

#include "harness/core/codec.h"
#include "nodes/clock/lamport.h"
#include "nodes/kv/bytes.h"

namespace sunder::registers {

/// The sequence-th write that a node accepted. (origin, sequence) names it for good.
struct Write {
  std::int64_t origin = 0;  // index of that node
  std::int64_t sequence = 0;
  std::int64_t time = 0;  // logical: above that of every write that it may depend on
  std::int64_t key = 0;
  std::int64_t value = 0;
  std::vector<std::int64_t> needs;  // by node: how many of its writes this one depends on
  static constexpr auto fields() {
    return std::tuple{field("origin", &Write::origin), field("sequence", &Write::sequence),
                      field("time", &Write::time),     field("key", &Write::key),
                      field("value", &Write::value),   field("needs", &Write::needs)};
  }
  bool operator==(const Write&) const = default;

  /// Concurrent writes are ordered by it, in a way that extends causality.
  clock::LamportStamp stamp() const { return {time, origin}; }
};

void put_write(ByteWriter& out, const Write& write);
Write get_write(ByteReader& in);

/// Writes for another replica, in an order in which they could be applied.
struct Writes {
  static constexpr std::string_view type = "register_writes";
  std::vector<Write> writes;
  static constexpr auto fields() { return std::tuple{field("writes", &Writes::writes)}; }
  bool operator==(const Writes&) const = default;
};

/// What a replica has: of each node's writes, all up to this count.
struct ReplicaDigest {
  static constexpr std::string_view type = "register_digest";
  std::vector<std::int64_t> counts;
  bool answer = false;  // to another digest: asks for what is missing, and for no answer
  static constexpr auto fields() {
    return std::tuple{field("counts", &ReplicaDigest::counts),
                      field("answer", &ReplicaDigest::answer)};
  }
  bool operator==(const ReplicaDigest&) const = default;
};

}  // namespace sunder::registers
