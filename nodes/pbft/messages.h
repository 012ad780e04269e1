#pragma once
// The messages, by the names of the paper. A sealed message carries its sender and the proof that
// it is his; whoever delivers it does not matter.

#include "nodes/kv/command.h"
#include "nodes/pbft/keys.h"
#include "nodes/pbft/pack.h"

namespace sunder::pbft {

/// A client's request, signed by the client, so that every replica can check what any other relays.
struct Request {
  static constexpr std::string_view type = "pbft_request";
  NodeId client;
  std::int64_t timestamp = 0;  // grows with each request of the client; a retry keeps it
  std::int64_t op = -1;        // index of the invocation in the history, for traces only
  KvCommand command;
  Mac signature = 0;
  std::vector<Mac> macs;  // flaw: an authenticator in its place
  static constexpr auto fields() {
    return std::tuple{field("client", &Request::client), field("timestamp", &Request::timestamp),
                      field("op", &Request::op), field("command", &Request::command),
                      field("signature", &Request::signature), field("macs", &Request::macs)};
  }
  bool operator==(const Request&) const = default;
};
using Batch = std::vector<Request>;

struct PrePrepare {
  static constexpr std::string_view type = "pre_prepare";
  std::int64_t view = 0;
  std::int64_t sequence = 0;
  std::int64_t digest = 0;
  Batch batch;
  static constexpr auto fields() {
    return std::tuple{field("view", &PrePrepare::view), field("sequence", &PrePrepare::sequence),
                      field("digest", &PrePrepare::digest), field("batch", &PrePrepare::batch)};
  }
  bool operator==(const PrePrepare&) const = default;
};

struct Prepare {
  static constexpr std::string_view type = "prepare";
  std::int64_t view = 0;
  std::int64_t sequence = 0;
  std::int64_t digest = 0;
  static constexpr auto fields() {
    return std::tuple{field("view", &Prepare::view), field("sequence", &Prepare::sequence),
                      field("digest", &Prepare::digest)};
  }
  bool operator==(const Prepare&) const = default;
};

struct Commit {
  static constexpr std::string_view type = "commit";
  std::int64_t view = 0;
  std::int64_t sequence = 0;
  std::int64_t digest = 0;
  static constexpr auto fields() {
    return std::tuple{field("view", &Commit::view), field("sequence", &Commit::sequence),
                      field("digest", &Commit::digest)};
  }
  bool operator==(const Commit&) const = default;
};

/// Of the state after a sequence number; also one element of a view change's C.
struct Checkpoint {
  static constexpr std::string_view type = "checkpoint";
  std::int64_t sequence = 0;
  std::int64_t digest = 0;
  static constexpr auto fields() {
    return std::tuple{field("sequence", &Checkpoint::sequence),
                      field("digest", &Checkpoint::digest)};
  }
  auto operator<=>(const Checkpoint&) const = default;
};

/// What a replica has done for one sequence number: an element of P or Q.
struct Certificate {
  std::int64_t sequence = 0;
  std::int64_t digest = 0;
  std::int64_t view = 0;
  static constexpr auto fields() {
    return std::tuple{field("sequence", &Certificate::sequence),
                      field("digest", &Certificate::digest), field("view", &Certificate::view)};
  }
  bool operator==(const Certificate&) const = default;
};

struct ViewChange {
  static constexpr std::string_view type = "view_change";
  std::int64_t view = 0;                  // that it wants to enter
  std::int64_t stable = 0;                // h
  std::vector<Checkpoint> checkpoints;    // C: the stable one, and its own later ones
  std::vector<Certificate> prepared;      // P
  std::vector<Certificate> pre_prepared;  // Q: for each digest, the last view
  static constexpr auto fields() {
    return std::tuple{field("view", &ViewChange::view), field("stable", &ViewChange::stable),
                      field("checkpoints", &ViewChange::checkpoints),
                      field("prepared", &ViewChange::prepared),
                      field("pre_prepared", &ViewChange::pre_prepared)};
  }
  bool operator==(const ViewChange&) const = default;
};

/// A body, its sender, and either a vector of MACs, one for each replica, or one signature.
template <class Body>
struct Sealed {
  static constexpr std::string_view type = Body::type;
  NodeId sender;
  Body body;
  std::vector<Mac> seal;
  static constexpr auto fields() {
    return std::tuple{field("sender", &Sealed::sender), field("body", &Sealed::body),
                      field("seal", &Sealed::seal)};
  }
  bool operator==(const Sealed&) const = default;
};

struct NewView {
  static constexpr std::string_view type = "new_view";
  std::int64_t view = 0;
  std::vector<Sealed<ViewChange>> proofs;  // a quorum, signed
  Checkpoint start;
  std::vector<Checkpoint> chosen;  // digest for each sequence number after the start
  static constexpr auto fields() {
    return std::tuple{field("view", &NewView::view), field("proofs", &NewView::proofs),
                      field("start", &NewView::start), field("chosen", &NewView::chosen)};
  }
  bool operator==(const NewView&) const = default;
};

/// Where a replica stands, said regularly: who is ahead sends again what is missing.
struct Status {
  static constexpr std::string_view type = "status";
  std::int64_t view = 0;
  bool active = false;  // not in a view change
  std::int64_t stable = 0;
  std::int64_t executed = 0;
  static constexpr auto fields() {
    return std::tuple{field("view", &Status::view), field("active", &Status::active),
                      field("stable", &Status::stable), field("executed", &Status::executed)};
  }
  bool operator==(const Status&) const = default;
};

struct FetchBatch {
  static constexpr std::string_view type = "fetch_batch";
  std::int64_t sequence = 0;
  std::int64_t digest = 0;
  static constexpr auto fields() {
    return std::tuple{field("sequence", &FetchBatch::sequence),
                      field("digest", &FetchBatch::digest)};
  }
  bool operator==(const FetchBatch&) const = default;
};

/// Needs no seal: its digest is known.
struct BatchBody {
  static constexpr std::string_view type = "batch_body";
  std::int64_t sequence = 0;
  Batch batch;
  static constexpr auto fields() {
    return std::tuple{field("sequence", &BatchBody::sequence), field("batch", &BatchBody::batch)};
  }
  bool operator==(const BatchBody&) const = default;
};

struct FetchState {
  static constexpr std::string_view type = "fetch_state";
  std::int64_t sequence = 0;  // of the checkpoint
  std::int64_t offset = 0;
  static constexpr auto fields() {
    return std::tuple{field("sequence", &FetchState::sequence),
                      field("offset", &FetchState::offset)};
  }
  bool operator==(const FetchState&) const = default;
};

/// Needs no seal either: the digest of the whole is known.
struct StateChunk {
  static constexpr std::string_view type = "state_chunk";
  std::int64_t sequence = 0;
  std::int64_t offset = 0;
  std::int64_t size = 0;           // of the whole
  std::vector<std::uint8_t> data;
  static constexpr auto fields() {
    return std::tuple{field("sequence", &StateChunk::sequence),
                      field("offset", &StateChunk::offset), field("size", &StateChunk::size),
                      field("data", &StateChunk::data)};
  }
  bool operator==(const StateChunk&) const = default;
};

struct Reply {
  static constexpr std::string_view type = "pbft_reply";
  std::int64_t view = 0;
  std::int64_t timestamp = 0;
  std::uint8_t code = 0;  // a KvCode
  std::optional<std::int64_t> value;
  std::vector<std::int64_t> list;
  static constexpr auto fields() {
    return std::tuple{field("view", &Reply::view), field("timestamp", &Reply::timestamp),
                      field("code", &Reply::code), field("value", &Reply::value),
                      field("list", &Reply::list)};
  }
  bool operator==(const Reply&) const = default;
};

}  // namespace sunder::pbft
