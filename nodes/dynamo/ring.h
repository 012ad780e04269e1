#pragma once
// Who holds which key: consistent hashing with several points of the ring for each node (Karger and
// others, STOC 1997; DeCandia and others, SOSP 2007, sections 4.2 and 4.3).

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sunder::dynamo {

/// The same mixing for places on the ring, leaves of trees and their hashes.
std::uint64_t mix(std::uint64_t a, std::uint64_t b);

class Ring {
 public:
  /// Nodes have the indexes 0 .. nodes - 1; each key has `replicas` of them, at most all.
  Ring(std::size_t nodes, std::size_t replicas);

  /// All nodes in the order in which a walk from the key's place meets them: first its replicas,
  /// which are its preference list, then those that stand in for them.
  std::vector<std::size_t> walk(std::int64_t key) const;
  std::vector<std::size_t> preference(std::int64_t key) const;  // the replicas alone
  bool is_replica(std::size_t node, std::int64_t key) const;
  std::size_t nodes() const { return nodes_; }
  std::size_t replicas() const { return replicas_; }

 private:
  std::size_t nodes_;
  std::size_t replicas_;
  std::vector<std::pair<std::uint64_t, std::size_t>> points_;  // place, node; ascending
};

}  // namespace sunder::dynamo
