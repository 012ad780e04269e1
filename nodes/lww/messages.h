#pragma once
// Between the replicas of the last-writer-wins register. The sender stands in the envelope.

#include <compare>
#include <cstdint>
#include <tuple>
#include <vector>

#include "harness/core/codec.h"

namespace sunder::lww {

/// Orders the writes of a key: the later time wins, the node settles ties. `count` makes it unique:
/// of a wall clock it is the node's boot and write number, of a hybrid clock its logical part.
struct Stamp {
  std::int64_t time = 0;  // nanoseconds of the wall clock
  std::int64_t count = 0;
  std::int64_t node = 0;  // index of the node that made it
  static constexpr auto fields() {
    return std::tuple{field("time", &Stamp::time), field("count", &Stamp::count),
                      field("node", &Stamp::node)};
  }
  auto operator<=>(const Stamp&) const = default;
};

struct Entry {
  std::int64_t key = 0;
  Stamp stamp;
  std::int64_t value = 0;
  static constexpr auto fields() {
    return std::tuple{field("key", &Entry::key), field("stamp", &Entry::stamp),
                      field("value", &Entry::value)};
  }
  bool operator==(const Entry&) const = default;
};

/// Take what is newer than yours.
struct Entries {
  static constexpr std::string_view type = "lww_entries";
  std::vector<Entry> entries;
  static constexpr auto fields() { return std::tuple{field("entries", &Entries::entries)}; }
  bool operator==(const Entries&) const = default;
};

struct KeyStamp {
  std::int64_t key = 0;
  Stamp stamp;
  static constexpr auto fields() {
    return std::tuple{field("key", &KeyStamp::key), field("stamp", &KeyStamp::stamp)};
  }
  bool operator==(const KeyStamp&) const = default;
};

/// All that the sender has of the keys from `first` to `last`.
struct Digest {
  static constexpr std::string_view type = "lww_digest";
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::vector<KeyStamp> stamps;  // ascending by key
  bool answer = false;           // to another digest: asks for no answer
  static constexpr auto fields() {
    return std::tuple{field("first", &Digest::first), field("last", &Digest::last),
                      field("stamps", &Digest::stamps), field("answer", &Digest::answer)};
  }
  bool operator==(const Digest&) const = default;
};

}  // namespace sunder::lww
