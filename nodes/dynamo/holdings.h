#pragma once
// What one node holds: versions as a replica, hints for other replicas, and the hash trees of what
// it shares with each of them.
//
// On disk: "version OWNER KEY" -> number, node, boot and value of the version; owner -1 is the node
// itself, any other the replica for which it is a hint; a log of (owner, key), each at least once,
// since Storage's map cannot be iterated. All as zigzag varints.

#include <map>
#include <set>
#include <vector>

#include "harness/api/runtime.h"
#include "nodes/dynamo/config.h"
#include "nodes/dynamo/merkle.h"
#include "nodes/dynamo/messages.h"
#include "nodes/dynamo/ring.h"

namespace sunder::dynamo {

/// Nothing here syncs: the caller owns the barrier between a version and whoever is told of it.
class Holdings {
 public:
  using Hints = std::map<std::int64_t, Version>;  // by key

  Holdings(Runtime& runtime, const Ring& ring, const Flaws& flaws);

  void recover();
  /// As a replica: keeps the version if it is newer, or blindly.
  void adopt(std::int64_t key, const Version& version, bool blindly = false);
  void keep_hint(std::size_t owner, std::int64_t key, const Version& version);
  /// Unless it is newer than what its owner was given.
  void drop_hint(std::size_t owner, std::int64_t key, const Stamp& given);

  const Version& version(std::int64_t key) const;  // as a replica
  /// The newest of what it holds of the key, in whatever role.
  const Version& newest(std::int64_t key) const;
  const std::map<std::size_t, Hints>& hints() const { return hints_; }  // by owner
  const MerkleTree& tree(std::size_t peer) const { return trees_[peer]; }
  /// The keys under a leaf that are shared with a peer, ascending.
  std::vector<std::int64_t> shared_keys(std::size_t leaf, std::size_t peer) const;

 private:
  void write(std::int64_t owner, std::int64_t key, const Version& version);
  void note(std::int64_t key, const Stamp& before, const Stamp& after);
  void trace(std::string_view kind, std::string_view first, std::int64_t number, std::int64_t key,
             const Stamp& stamp);

  Runtime& runtime_;
  const Ring& ring_;
  const Flaws& flaws_;
  std::map<std::int64_t, Version> versions_;
  std::map<std::size_t, Hints> hints_;  // none is empty
  std::set<std::pair<std::int64_t, std::int64_t>> logged_;
  std::vector<MerkleTree> trees_;                       // by peer
  std::map<std::size_t, std::set<std::int64_t>> keys_;  // by leaf
};

}  // namespace sunder::dynamo
