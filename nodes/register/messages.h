#pragma once
// Between a client and a server of the systems that offer plain registers: reads and writes only,
// and a session that says what it has seen.

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

#include "harness/core/codec.h"

namespace sunder::registers {

struct Request {
  static constexpr std::string_view type = "register_request";
  std::int64_t msg_id = 0;
  std::int64_t op = -1;  // index of the invocation in the history, for traces only
  bool write = false;
  std::int64_t key = 0;
  std::int64_t value = 0;  // of a write
  /// By node: how many of its writes must be applied before this is carried out (Terry and others,
  /// PDIS 1994). A write makes the same demand wherever it is applied later.
  std::vector<std::int64_t> needs;
  std::int64_t time = 0;  // the largest logical time that the session has seen
  static constexpr auto fields() {
    return std::tuple{field("msg_id", &Request::msg_id), field("op", &Request::op),
                      field("write", &Request::write),   field("key", &Request::key),
                      field("value", &Request::value),   field("needs", &Request::needs),
                      field("time", &Request::time)};
  }
  bool operator==(const Request&) const = default;
};

/// Maelstrom's numbers where it has one.
enum class Code : std::uint8_t {
  ok = 0,
  unavailable = 11,  // surely not carried out
  aborted = 14,      // given up half way: nobody knows
};

struct Reply {
  static constexpr std::string_view type = "register_reply";
  std::int64_t in_reply_to = 0;
  std::uint8_t code = 0;  // a Code
  std::optional<std::int64_t> value;  // of a read; none: never written
  /// The version read or written, as the sequence-th write that a node accepted; sequence 0: none.
  std::int64_t origin = 0;
  std::int64_t sequence = 0;
  std::int64_t time = 0;         // its logical time
  std::optional<NodeId> serves;  // of `unavailable`: who may serve it instead
  static constexpr auto fields() {
    return std::tuple{field("in_reply_to", &Reply::in_reply_to), field("code", &Reply::code),
                      field("value", &Reply::value),             field("origin", &Reply::origin),
                      field("sequence", &Reply::sequence),       field("time", &Reply::time),
                      field("serves", &Reply::serves)};
  }
  bool operator==(const Reply&) const = default;
};

}  // namespace sunder::registers
