#pragma once
// Between sites. The sender stands in the envelope.

#include <cstdint>
#include <string_view>
#include <tuple>
#include <vector>

#include "harness/core/codec.h"
#include "nodes/text/updates.h"
#include "nodes/ttf/edit.h"

namespace sunder::ttf {

/// The sequence-th update of a document that a site accepted.
struct Operation {
  std::int64_t origin = 0;  // index of that site
  std::int64_t sequence = 0;
  Edit edit;  // of the text that what it had seen made
  text::Update update;
  static constexpr auto fields() {
    return std::tuple{field("origin", &Operation::origin), field("sequence", &Operation::sequence),
                      field("edit", &Operation::edit), field("update", &Operation::update)};
  }
  bool operator==(const Operation&) const = default;
};

void put_operation(ByteWriter& out, const Operation& operation);
Operation get_operation(ByteReader& in);

struct Operations {
  static constexpr std::string_view type = "ttf_operations";
  std::int64_t key = 0;
  std::vector<Operation> operations;  // each site's in order
  static constexpr auto fields() {
    return std::tuple{field("key", &Operations::key), field("operations", &Operations::operations)};
  }
  bool operator==(const Operations&) const = default;
};

/// What the sender has of one document: of each site's updates, all up to this count.
struct Progress {
  std::int64_t key = 0;
  std::vector<std::int64_t> counts;
  static constexpr auto fields() {
    return std::tuple{field("key", &Progress::key), field("counts", &Progress::counts)};
  }
  bool operator==(const Progress&) const = default;
};

/// The receiver sends what is missing.
struct Digest {
  static constexpr std::string_view type = "ttf_digest";
  std::vector<Progress> documents;
  bool answer = false;  // to operations or another digest: asks for no answer
  static constexpr auto fields() {
    return std::tuple{field("documents", &Digest::documents), field("answer", &Digest::answer)};
  }
  bool operator==(const Digest&) const = default;
};

}  // namespace sunder::ttf
