#pragma once
// Between the nodes of the quorum register. The sender stands in the envelope.

#include <cstdint>
#include <tuple>

#include "harness/core/codec.h"
#include "nodes/register/stamp.h"

namespace sunder::abd {

using Tag = registers::Stamp;  // above a quorum's maximum: see Node::chosen_tag

struct Version {
  Tag tag;
  std::int64_t value = 0;
  static constexpr auto fields() {
    return std::tuple{field("tag", &Version::tag), field("value", &Version::value)};
  }
  bool operator==(const Version&) const = default;
};

/// What do you hold of this key?
struct Query {
  static constexpr std::string_view type = "abd_query";
  std::int64_t round = 0;
  std::int64_t key = 0;
  static constexpr auto fields() {
    return std::tuple{field("round", &Query::round), field("key", &Query::key)};
  }
  bool operator==(const Query&) const = default;
};

struct QueryReply {
  static constexpr std::string_view type = "abd_query_reply";
  std::int64_t round = 0;
  Version version;
  static constexpr auto fields() {
    return std::tuple{field("round", &QueryReply::round), field("version", &QueryReply::version)};
  }
  bool operator==(const QueryReply&) const = default;
};

/// Hold this, unless you hold a newer version.
struct Store {
  static constexpr std::string_view type = "abd_store";
  std::int64_t round = 0;
  std::int64_t key = 0;
  Version version;
  static constexpr auto fields() {
    return std::tuple{field("round", &Store::round), field("key", &Store::key),
                      field("version", &Store::version)};
  }
  bool operator==(const Store&) const = default;
};

/// The version asked for or a newer one is held, durably.
struct StoreReply {
  static constexpr std::string_view type = "abd_store_reply";
  std::int64_t round = 0;
  static constexpr auto fields() { return std::tuple{field("round", &StoreReply::round)}; }
  bool operator==(const StoreReply&) const = default;
};

}  // namespace sunder::abd
