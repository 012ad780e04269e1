#pragma once
// Edits of a text by positions, and what they become past each other.

#include <cstdint>
#include <tuple>
#include <vector>

#include "harness/core/codec.h"
#include "nodes/kv/bytes.h"

namespace sunder::jupiter {

enum class Kind : std::uint8_t { insert, erase };

/// Puts one element before position, or takes `length` elements away from there on.
struct Edit {
  std::uint8_t code = 0;  // a Kind
  std::int64_t position = 0;
  std::int64_t length = 1;
  std::int64_t element = 0;  // of an insert
  std::int64_t site = 0;     // of an insert: settles which of two at one place comes first
  static constexpr auto fields() {
    return std::tuple{field("code", &Edit::code), field("position", &Edit::position),
                      field("length", &Edit::length), field("element", &Edit::element),
                      field("site", &Edit::site)};
  }
  bool operator==(const Edit&) const = default;
  Kind kind() const { return static_cast<Kind>(code); }
};

/// Edits one after the other, each of what the ones before it left.
using Change = std::vector<Edit>;

/// The mistakes in the transformation that the listing of the notes makes, one a pair of kinds.
struct Mistakes {
  bool insert_tie = false;     // of two inserts at one place both give way
  bool insert_inside = false;  // an insert within a range that is deleted leaves it, or dies
  bool overlap = false;        // what two deletes share is taken off both
  bool same_delete = false;    // two deletes of the same elements both delete
  bool delete_without_length = false;  // positions behind a delete become no number, which is 0
};

/// Appends to `out` what has the effect of `edit` where `other`, made of the same text, has been
/// carried out: none, one, or two edits where an insert cuts a range. Inserts at one place stand
/// in order of their sites, so that it does not matter which of two edits is first (TP1).
void past(const Edit& edit, const Edit& other, const Mistakes& mistakes, Change& out);

/// Both become what they are past the other one.
void transform(Change& one, Change& other, const Mistakes& mistakes);

/// Carries out the change. Positions behind the end mean the end, and below 0 count from there;
/// only mistakes make them.
void apply(const Change& change, const Mistakes& mistakes, std::vector<std::int64_t>& document);

void put_change(ByteWriter& out, const Change& change);
Change get_change(ByteReader& in);

}  // namespace sunder::jupiter
