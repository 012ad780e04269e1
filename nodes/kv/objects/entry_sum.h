#pragma once
// A fingerprint of a collection that is kept while its entries come and go, in any order.

#include <cstdint>

#include "harness/core/digest.h"

namespace sunder {

/// The sum of the digests of the entries: constant work for each change, and the same value when
/// the collection is made anew from a snapshot.
class EntrySum {
 public:
  /// `kind` keeps collections apart whose entries look alike.
  explicit EntrySum(std::uint64_t kind) : kind_(kind) {}
  void add(std::int64_t a, std::int64_t b, std::int64_t c = 0) { value_ += part(a, b, c); }
  void remove(std::int64_t a, std::int64_t b, std::int64_t c = 0) { value_ -= part(a, b, c); }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t part(std::int64_t a, std::int64_t b, std::int64_t c) const {
    Digest digest;
    digest.add(kind_);
    for (std::int64_t word : {a, b, c}) digest.add(static_cast<std::uint64_t>(word));
    return digest.value();
  }

  std::uint64_t kind_;
  std::uint64_t value_ = 0;
};

}  // namespace sunder
