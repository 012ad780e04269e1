#pragma once
// Between the nodes of the sharded database. The sender stands in the envelope. All may be sent
// again, and each receiver answers a copy as it answered before.

#include <cstdint>
#include <tuple>
#include <vector>

#include "nodes/txn/messages.h"

namespace sunder::two_phase {

/// To the oracle: a timestamp, please.
struct StampRequest {
  static constexpr std::string_view type = "stamp_request";
  std::int64_t ask = 0;
  static constexpr auto fields() { return std::tuple{field("ask", &StampRequest::ask)}; }
  bool operator==(const StampRequest&) const = default;
};

struct Stamp {
  static constexpr std::string_view type = "stamp";
  std::int64_t ask = 0;
  std::int64_t time = 0;  // above every one that was handed out before
  static constexpr auto fields() {
    return std::tuple{field("ask", &Stamp::ask), field("time", &Stamp::time)};
  }
  bool operator==(const Stamp&) const = default;
};

/// To the owner of a key: what does it hold in this snapshot?
struct Fetch {
  static constexpr std::string_view type = "txn_fetch";
  std::int64_t ask = 0;
  std::int64_t key = 0;
  std::int64_t snapshot = 0;
  static constexpr auto fields() {
    return std::tuple{field("ask", &Fetch::ask), field("key", &Fetch::key),
                      field("snapshot", &Fetch::snapshot)};
  }
  bool operator==(const Fetch&) const = default;
};

/// A version of a key. Writer 0: nobody ever wrote it.
struct Version {
  std::int64_t time = 0;    // of its commit
  std::int64_t writer = 0;  // the transaction
  std::int64_t number = 0;  // of the write, within the transaction
  txn::Items items;
  static constexpr auto fields() {
    return std::tuple{field("time", &Version::time), field("writer", &Version::writer),
                      field("number", &Version::number), field("items", &Version::items)};
  }
  bool operator==(const Version&) const = default;
};

struct Fetched {
  static constexpr std::string_view type = "txn_fetched";
  std::int64_t ask = 0;
  Version version;
  static constexpr auto fields() {
    return std::tuple{field("ask", &Fetched::ask), field("version", &Fetched::version)};
  }
  bool operator==(const Fetched&) const = default;
};

struct Write {
  std::int64_t key = 0;
  bool append = false;  // to what the key holds, instead of it
  std::int64_t value = 0;
  std::int64_t number = 0;
  static constexpr auto fields() {
    return std::tuple{field("key", &Write::key), field("append", &Write::append),
                      field("value", &Write::value), field("number", &Write::number)};
  }
  bool operator==(const Write&) const = default;
};

/// The first phase: lock these keys, if none has a version that the snapshot lacks.
struct Prepare {
  static constexpr std::string_view type = "txn_prepare";
  std::int64_t txn = 0;
  std::int64_t snapshot = 0;
  std::vector<std::int64_t> reads;  // keys that are only read
  std::vector<Write> writes;        // in order
  static constexpr auto fields() {
    return std::tuple{field("txn", &Prepare::txn), field("snapshot", &Prepare::snapshot),
                      field("reads", &Prepare::reads), field("writes", &Prepare::writes)};
  }
  bool operator==(const Prepare&) const = default;
};

struct Vote {
  static constexpr std::string_view type = "txn_vote";
  std::int64_t txn = 0;
  std::int64_t snapshot = 0;  // of the question
  bool yes = false;           // durably prepared
  static constexpr auto fields() {
    return std::tuple{field("txn", &Vote::txn), field("snapshot", &Vote::snapshot),
                      field("yes", &Vote::yes)};
  }
  bool operator==(const Vote&) const = default;
};

/// The second phase, and the answer to a participant in doubt.
struct Decide {
  static constexpr std::string_view type = "txn_decide";
  std::int64_t txn = 0;
  std::int64_t time = 0;  // of the commit; 0: abort
  static constexpr auto fields() {
    return std::tuple{field("txn", &Decide::txn), field("time", &Decide::time)};
  }
  bool operator==(const Decide&) const = default;
};

/// To the coordinator of a transaction that is prepared here: what has become of it?
struct Inquire {
  static constexpr std::string_view type = "txn_inquire";
  std::int64_t txn = 0;
  static constexpr auto fields() { return std::tuple{field("txn", &Inquire::txn)}; }
  bool operator==(const Inquire&) const = default;
};

}  // namespace sunder::two_phase
