#pragma once
// Between clients and replicas of replicated objects, and between replicas. The sender stands in
// the envelope.

#include <tuple>

#include "harness/core/codec.h"
#include "nodes/lattice/numbers.h"

namespace sunder::lattice {

struct Request {
  static constexpr std::string_view type = "object_request";
  std::int64_t msg_id = 0;  // the same for every retry of one op
  std::int64_t op = -1;     // index of the invocation in the history, for traces only
  std::uint8_t kind = 0;    // a Kind
  std::uint8_t verb = 0;    // a Verb
  std::int64_t key = 0;
  std::int64_t value = 0;
  std::string tag;
  std::vector<std::int64_t> past;  // by node, of a many-valued register's write: what was read
  static constexpr auto fields() {
    return std::tuple{field("msg_id", &Request::msg_id), field("op", &Request::op),
                      field("kind", &Request::kind),     field("verb", &Request::verb),
                      field("key", &Request::key),       field("value", &Request::value),
                      field("tag", &Request::tag),       field("past", &Request::past)};
  }
  bool operator==(const Request&) const = default;
};

/// An update as its replica tells of it.
struct Made {
  clock::Dot dot;
  std::string tag;
  std::vector<std::int64_t> seen;  // by node
  std::vector<std::int64_t> past;
  std::int64_t time = 0;
  static constexpr auto fields() {
    return std::tuple{field("dot", &Made::dot), field("tag", &Made::tag),
                      field("seen", &Made::seen), field("past", &Made::past),
                      field("time", &Made::time)};
  }
  bool operator==(const Made&) const = default;
};

struct Reply {
  static constexpr std::string_view type = "object_reply";
  std::int64_t in_reply_to = 0;
  bool refused = false;               // the key holds an object of another kind
  Value answer;                       // the state, after an update too
  std::vector<std::int64_t> seen;     // by node, of a read: what the answer is made of
  std::vector<std::int64_t> context;  // what has been read by whoever reads this answer
  std::vector<Made> made;             // the update asked for, or those of a log
  static constexpr auto fields() {
    return std::tuple{field("in_reply_to", &Reply::in_reply_to),
                      field("refused", &Reply::refused),
                      field("answer", &Reply::answer),
                      field("seen", &Reply::seen),
                      field("context", &Reply::context),
                      field("made", &Reply::made)};
  }
  bool operator==(const Reply&) const = default;
};

struct KeyPart {
  std::int64_t key = 0;
  Numbers part;  // nodes/lattice/object.h
  static constexpr auto fields() {
    return std::tuple{field("key", &KeyPart::key), field("part", &KeyPart::part)};
  }
  bool operator==(const KeyPart&) const = default;
};

/// Join these.
struct Parts {
  static constexpr std::string_view type = "object_parts";
  std::vector<KeyPart> parts;
  static constexpr auto fields() { return std::tuple{field("parts", &Parts::parts)}; }
  bool operator==(const Parts&) const = default;
};

struct KeyContext {
  std::int64_t key = 0;
  std::vector<std::int64_t> context;
  std::vector<std::int64_t> listed;
  static constexpr auto fields() {
    return std::tuple{field("key", &KeyContext::key), field("context", &KeyContext::context),
                      field("listed", &KeyContext::listed)};
  }
  bool operator==(const KeyContext&) const = default;
};

/// All that the sender knows of the keys from `first` to `last`: it confirms what has come, and
/// asks for the rest. Whoever knows more sends it, each time that it is asked.
struct Digest {
  static constexpr std::string_view type = "object_digest";
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::vector<KeyContext> keys;  // ascending
  bool answer = false;           // to another digest: asks for no answer
  static constexpr auto fields() {
    return std::tuple{field("first", &Digest::first), field("last", &Digest::last),
                      field("keys", &Digest::keys), field("answer", &Digest::answer)};
  }
  bool operator==(const Digest&) const = default;
};

}  // namespace sunder::lattice
