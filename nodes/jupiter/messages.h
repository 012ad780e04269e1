#pragma once
// Between the server and a site. The sender stands in the envelope.

#include <cstdint>
#include <string_view>
#include <tuple>
#include <vector>

#include "harness/core/codec.h"
#include "nodes/jupiter/edit.h"
#include "nodes/text/updates.h"

namespace sunder::jupiter {

/// What is ordered and transformed as one: an update of a client, or several that a site made while
/// it waited for the server.
struct Operation {
  std::int64_t origin = 0;     // index of the site that made it
  std::int64_t confirmed = 0;  // operations of the other end that its sender had when it made it
  Change change;               // of the text that these and the sender's earlier ones leave
  std::vector<text::Update> updates;
  static constexpr auto fields() {
    return std::tuple{field("origin", &Operation::origin),
                      field("confirmed", &Operation::confirmed),
                      field("change", &Operation::change), field("updates", &Operation::updates)};
  }
  bool operator==(const Operation&) const = default;
};

/// Operations of one document, the first of which is the sender's first-th to this receiver.
struct Operations {
  static constexpr std::string_view type = "jupiter_operations";
  std::int64_t key = 0;
  std::int64_t first = 0;  // from 1
  std::vector<Operation> operations;
  static constexpr auto fields() {
    return std::tuple{field("key", &Operations::key), field("first", &Operations::first),
                      field("operations", &Operations::operations)};
  }
  bool operator==(const Operations&) const = default;
};

/// How far the sender is with one document.
struct Progress {
  std::int64_t key = 0;
  std::int64_t sent = 0;      // operations that it has for the receiver
  std::int64_t received = 0;  // operations that it has from the receiver, durably
  static constexpr auto fields() {
    return std::tuple{field("key", &Progress::key), field("sent", &Progress::sent),
                      field("received", &Progress::received)};
  }
  bool operator==(const Progress&) const = default;
};

/// The other end sends what is missing. A document that is not named has nothing.
struct Digest {
  static constexpr std::string_view type = "jupiter_digest";
  std::vector<Progress> documents;
  bool answer = false;  // to operations or another digest: names some documents, asks for no answer
  static constexpr auto fields() {
    return std::tuple{field("documents", &Digest::documents), field("answer", &Digest::answer)};
  }
  bool operator==(const Digest&) const = default;
};

}  // namespace sunder::jupiter
