#pragma once
// Between the nodes of the Dynamo-style store. The sender stands in the envelope.

#include <cstdint>
#include <tuple>
#include <vector>

#include "harness/core/codec.h"
#include "nodes/register/stamp.h"

namespace sunder::dynamo {

using registers::Stamp;

struct Version {
  Stamp stamp;
  std::int64_t value = 0;
  static constexpr auto fields() {
    return std::tuple{field("stamp", &Version::stamp), field("value", &Version::value)};
  }
  bool operator==(const Version&) const = default;
};

/// The sender is up. What the failure detector lives on.
struct Heartbeat {
  static constexpr std::string_view type = "dynamo_heartbeat";
  std::int64_t boot = 0;
  static constexpr auto fields() { return std::tuple{field("boot", &Heartbeat::boot)}; }
  bool operator==(const Heartbeat&) const = default;
};

/// What do you hold of this key?
struct Query {
  static constexpr std::string_view type = "dynamo_query";
  std::int64_t round = 0;
  std::int64_t key = 0;
  static constexpr auto fields() {
    return std::tuple{field("round", &Query::round), field("key", &Query::key)};
  }
  bool operator==(const Query&) const = default;
};

struct QueryReply {
  static constexpr std::string_view type = "dynamo_query_reply";
  std::int64_t round = 0;
  Version version;
  static constexpr auto fields() {
    return std::tuple{field("round", &QueryReply::round), field("version", &QueryReply::version)};
  }
  bool operator==(const QueryReply&) const = default;
};

/// Hold this, unless you hold a newer version: as the replica `owner`, or as a hint for it when
/// that is somebody else.
struct Store {
  static constexpr std::string_view type = "dynamo_store";
  std::int64_t round = 0;  // 0: asks for no answer
  std::int64_t key = 0;
  std::int64_t owner = 0;  // index of the replica
  Version version;
  static constexpr auto fields() {
    return std::tuple{field("round", &Store::round), field("key", &Store::key),
                      field("owner", &Store::owner), field("version", &Store::version)};
  }
  bool operator==(const Store&) const = default;
};

/// The version asked for or a newer one is held, durably.
struct StoreReply {
  static constexpr std::string_view type = "dynamo_store_reply";
  std::int64_t round = 0;
  std::int64_t owner = 0;
  static constexpr auto fields() {
    return std::tuple{field("round", &StoreReply::round), field("owner", &StoreReply::owner)};
  }
  bool operator==(const StoreReply&) const = default;
};

/// A write that was meant for you, from the node that held a hint of it.
struct Handoff {
  static constexpr std::string_view type = "dynamo_handoff";
  std::int64_t key = 0;
  Version version;
  static constexpr auto fields() {
    return std::tuple{field("key", &Handoff::key), field("version", &Handoff::version)};
  }
  bool operator==(const Handoff&) const = default;
};

/// It is held, or a newer one, durably.
struct HandoffReply {
  static constexpr std::string_view type = "dynamo_handoff_reply";
  std::int64_t key = 0;
  Stamp stamp;
  static constexpr auto fields() {
    return std::tuple{field("key", &HandoffReply::key), field("stamp", &HandoffReply::stamp)};
  }
  bool operator==(const HandoffReply&) const = default;
};

struct TreeNode {
  std::int64_t index = 0;  // within its level
  std::int64_t hash = 0;
  static constexpr auto fields() {
    return std::tuple{field("index", &TreeNode::index), field("hash", &TreeNode::hash)};
  }
  bool operator==(const TreeNode&) const = default;
};

/// Some nodes of the sender's tree of the keys that it shares with the receiver.
struct Tree {
  static constexpr std::string_view type = "dynamo_tree";
  std::int64_t level = 0;  // 0: the root
  std::vector<TreeNode> nodes;
  static constexpr auto fields() {
    return std::tuple{field("level", &Tree::level), field("nodes", &Tree::nodes)};
  }
  bool operator==(const Tree&) const = default;
};

struct KeyStamp {
  std::int64_t key = 0;
  Stamp stamp;
  static constexpr auto fields() {
    return std::tuple{field("key", &KeyStamp::key), field("stamp", &KeyStamp::stamp)};
  }
  bool operator==(const KeyStamp&) const = default;
};

/// All that the sender has under some leaves of that tree.
struct Leaves {
  static constexpr std::string_view type = "dynamo_leaves";
  std::vector<std::int64_t> leaves;
  std::vector<KeyStamp> stamps;
  bool answer = false;  // to other Leaves: asks for no answer
  static constexpr auto fields() {
    return std::tuple{field("leaves", &Leaves::leaves), field("stamps", &Leaves::stamps),
                      field("answer", &Leaves::answer)};
  }
  bool operator==(const Leaves&) const = default;
};

struct Entry {
  std::int64_t key = 0;
  Version version;
  static constexpr auto fields() {
    return std::tuple{field("key", &Entry::key), field("version", &Entry::version)};
  }
  bool operator==(const Entry&) const = default;
};

/// Take what is newer than yours.
struct Entries {
  static constexpr std::string_view type = "dynamo_entries";
  std::vector<Entry> entries;
  static constexpr auto fields() { return std::tuple{field("entries", &Entries::entries)}; }
  bool operator==(const Entries&) const = default;
};

}  // namespace sunder::dynamo
