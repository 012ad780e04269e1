#pragma once
// Between servers, and between a server and the view service. The sender stands in the envelope.

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "harness/core/codec.h"

namespace sunder::primary_backup {

/// Who serves. Of two views the one with the higher number holds.
struct View {
  std::int64_t number = 0;  // 0: there has been none
  std::optional<NodeId> primary;
  std::optional<NodeId> backup;
  static constexpr auto fields() {
    return std::tuple{field("number", &View::number), field("primary", &View::primary),
                      field("backup", &View::backup)};
  }
  bool operator==(const View&) const = default;
};

/// A server's sign of life, and the newest view that it has made ready for.
struct Ping {
  static constexpr std::string_view type = "view_ping";
  std::int64_t view = 0;
  static constexpr auto fields() { return std::tuple{field("view", &Ping::view)}; }
  bool operator==(const Ping&) const = default;
};

struct Announce {
  static constexpr std::string_view type = "view_announce";
  View view;
  static constexpr auto fields() { return std::tuple{field("view", &Announce::view)}; }
  bool operator==(const Announce&) const = default;
};

struct Entry {
  std::int64_t view = 0;  // in which the primary accepted it
  std::int64_t key = 0;
  std::int64_t value = 0;
  static constexpr auto fields() {
    return std::tuple{field("view", &Entry::view), field("key", &Entry::key),
                      field("value", &Entry::value)};
  }
  bool operator==(const Entry&) const = default;
};

/// The primary's writes after `previous`, and the question whether it still is the primary.
struct Forward {
  static constexpr std::string_view type = "backup_forward";
  std::int64_t view = 0;
  std::int64_t check = 0;  // echoed: proves that the answer is younger than the question
  std::int64_t previous = 0;
  std::int64_t previous_view = 0;
  std::vector<Entry> entries;
  static constexpr auto fields() {
    return std::tuple{field("view", &Forward::view), field("check", &Forward::check),
                      field("previous", &Forward::previous),
                      field("previous_view", &Forward::previous_view),
                      field("entries", &Forward::entries)};
  }
  bool operator==(const Forward&) const = default;
};

struct Forwarded {
  static constexpr std::string_view type = "backup_forwarded";
  std::int64_t view = 0;
  std::int64_t check = 0;
  bool matches = false;
  std::int64_t index = 0;  // held durably up to here; of a mismatch: where to try next
  static constexpr auto fields() {
    return std::tuple{field("view", &Forwarded::view), field("check", &Forwarded::check),
                      field("matches", &Forwarded::matches), field("index", &Forwarded::index)};
  }
  bool operator==(const Forwarded&) const = default;
};

}  // namespace sunder::primary_backup
