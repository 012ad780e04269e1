#pragma once
// Between a client and a server of the transactional systems. Transactions are interactive: begin,
// every read and write, and the commit are messages of their own, so that what isolation promises
// can be observed.

#include <cstdint>
#include <string_view>
#include <tuple>
#include <vector>

#include "harness/core/codec.h"

namespace sunder::txn {

/// What a key holds: a list, or a register as a list of at most one item.
using Items = std::vector<std::int64_t>;

enum class Verb : std::uint8_t { begin, read, write, append, commit, abort };
inline constexpr Verb last_verb = Verb::abort;

struct Request {
  static constexpr std::string_view type = "txn_request";
  std::int64_t msg_id = 0;  // grows with every request of a client; the same for every retry of one
  std::int64_t op = -1;     // index of the invocation in the history, for traces only
  std::int64_t txn = 0;     // as the answer to begin named it
  std::uint8_t verb = 0;    // a Verb
  std::int64_t key = 0;
  std::int64_t value = 0;   // of write and append
  std::int64_t told = 0;    // of begin: the last transaction that this client knows as committed
  static constexpr auto fields() {
    return std::tuple{field("msg_id", &Request::msg_id), field("op", &Request::op),
                      field("txn", &Request::txn),       field("verb", &Request::verb),
                      field("key", &Request::key),       field("value", &Request::value),
                      field("told", &Request::told)};
  }
  bool operator==(const Request&) const = default;
};

/// Maelstrom's numbers where it has one.
enum class Code : std::uint8_t {
  ok = 0,
  unavailable = 11,  // of begin: this server cannot serve now
  aborted = 30,      // the transaction has not been and never will be committed
};

struct Reply {
  static constexpr std::string_view type = "txn_reply";
  std::int64_t in_reply_to = 0;
  std::uint8_t code = 0;  // a Code
  std::int64_t txn = 0;   // of begin: its name from now on
  bool found = false;     // of read: the key was ever written
  Items items;            // of read
  static constexpr auto fields() {
    return std::tuple{field("in_reply_to", &Reply::in_reply_to), field("code", &Reply::code),
                      field("txn", &Reply::txn), field("found", &Reply::found),
                      field("items", &Reply::items)};
  }
  bool operator==(const Reply&) const = default;
};

}  // namespace sunder::txn
