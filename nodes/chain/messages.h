#pragma once
// Between replicas, and between a replica and the configuration service. The sender stands in the
// envelope.

#include <string>
#include <vector>

#include "nodes/kv/command.h"

namespace sunder::chain {

/// A replica asks the leader of the configuration service for a lease, and reports.
struct Renew {
  static constexpr std::string_view type = "chain_renew";
  std::int64_t boot = 0;   // of the replica, so that no answer to an earlier boot counts
  std::int64_t sent = 0;   // on the replica's clock: the lease counts from here
  std::int64_t epoch = 0;  // it holds no lease of an earlier one, and never will
  bool synced = false;     // it holds every write that was committed before this epoch
  std::optional<NodeId> stalled;  // its successor, which does not answer
  std::optional<NodeId> taught;   // the node that it has brought up to date, to join behind it
  static constexpr auto fields() {
    return std::tuple{field("boot", &Renew::boot),       field("sent", &Renew::sent),
                      field("epoch", &Renew::epoch),     field("synced", &Renew::synced),
                      field("stalled", &Renew::stalled), field("taught", &Renew::taught)};
  }
  bool operator==(const Renew&) const = default;
};

struct Grant {
  static constexpr std::string_view type = "chain_grant";
  std::int64_t boot = 0;  // echoed
  std::int64_t sent = 0;  // echoed
  std::int64_t configuration = 0;  // packed
  bool leased = false;    // the epoch has begun, and the replica is a member
  std::optional<NodeId> joining;  // whom the tail should bring up to date
  static constexpr auto fields() {
    return std::tuple{field("boot", &Grant::boot), field("sent", &Grant::sent),
                      field("configuration", &Grant::configuration),
                      field("leased", &Grant::leased), field("joining", &Grant::joining)};
  }
  bool operator==(const Grant&) const = default;
};

struct Entry {
  std::int64_t epoch = 0;  // in which the head accepted it
  KvCommand command;
  static constexpr auto fields() {
    return std::tuple{field("epoch", &Entry::epoch), field("command", &Entry::command)};
  }
  bool operator==(const Entry&) const = default;
};

/// Down the chain: the writes after `previous`.
struct Forward {
  static constexpr std::string_view type = "chain_forward";
  std::int64_t epoch = 0;
  std::int64_t start = -1;  // who holds everything up to here is synced; -1: the sender is not
  std::int64_t previous = 0;
  std::int64_t previous_hash = 0;
  bool beat = false;  // an answer is wanted even if nothing is new
  std::vector<Entry> entries;
  static constexpr auto fields() {
    return std::tuple{field("epoch", &Forward::epoch),
                      field("start", &Forward::start),
                      field("previous", &Forward::previous),
                      field("previous_hash", &Forward::previous_hash),
                      field("beat", &Forward::beat),
                      field("entries", &Forward::entries)};
  }
  bool operator==(const Forward&) const = default;
};

/// Up the chain.
struct Acked {
  static constexpr std::string_view type = "chain_acked";
  std::int64_t epoch = 0;
  std::int64_t last = 0;    // held durably up to here
  std::int64_t commit = 0;  // committed by the tail up to here
  bool gap = false;         // what came did not follow `last`
  static constexpr auto fields() {
    return std::tuple{field("epoch", &Acked::epoch), field("last", &Acked::last),
                      field("commit", &Acked::commit), field("gap", &Acked::gap)};
  }
  bool operator==(const Acked&) const = default;
};

/// The version query of CRAQ: what has the tail committed?
struct Query {
  static constexpr std::string_view type = "chain_query";
  std::int64_t epoch = 0;
  std::int64_t round = 0;
  static constexpr auto fields() {
    return std::tuple{field("epoch", &Query::epoch), field("round", &Query::round)};
  }
  bool operator==(const Query&) const = default;
};

struct QueryReply {
  static constexpr std::string_view type = "chain_query_reply";
  std::int64_t epoch = 0;
  std::int64_t round = 0;
  std::int64_t commit = 0;
  static constexpr auto fields() {
    return std::tuple{field("epoch", &QueryReply::epoch), field("round", &QueryReply::round),
                      field("commit", &QueryReply::commit)};
  }
  bool operator==(const QueryReply&) const = default;
};

/// The state after the write `index`, for a node that joins or lags behind what the log keeps.
struct Install {
  static constexpr std::string_view type = "chain_install";
  std::int64_t epoch = 0;
  std::int64_t index = 0;
  std::int64_t hash = 0;
  std::string state;  // hexadecimal, so that it is text in every form
  static constexpr auto fields() {
    return std::tuple{field("epoch", &Install::epoch), field("index", &Install::index),
                      field("hash", &Install::hash), field("state", &Install::state)};
  }
  bool operator==(const Install&) const = default;
};

}  // namespace sunder::chain
