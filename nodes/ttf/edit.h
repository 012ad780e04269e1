#pragma once
// Edits of a text that keeps what is deleted, and what they become past each other.

#include <cstdint>
#include <tuple>
#include <vector>

#include "harness/core/codec.h"

namespace sunder::ttf {

enum class Kind : std::uint8_t { insert, erase };

/// Puts an element before a cell, or hides the element of one. Positions count all cells, those of
/// deleted elements too.
struct Edit {
  std::uint8_t code = 0;  // a Kind
  std::int64_t position = 0;
  std::int64_t element = 0;  // of an insert
  std::int64_t site = 0;     // of an insert: settles which of two at one place comes first
  static constexpr auto fields() {
    return std::tuple{field("code", &Edit::code), field("position", &Edit::position),
                      field("element", &Edit::element), field("site", &Edit::site)};
  }
  bool operator==(const Edit&) const = default;
  Kind kind() const { return static_cast<Kind>(code); }
};

struct Mistakes {
  bool tie_by_arrival = false;  // of two inserts at one place the later one gives way
  bool no_tombstones = false;   // deleted elements are gone, as in the functions of Ressel and
                                // others, CSCW 1996, so that TP2 fails
};

/// No edit at all: what a delete becomes past its like when nothing of the element is kept.
constexpr std::int64_t nowhere = -1;

/// What has the effect of `edit` where `other`, made of the same text, has been carried out. A
/// delete moves nothing, and two deletes of one element do not mind each other, so that neither the
/// order of two edits (TP1) nor that of the two that a third is moved past (TP2) matters.
Edit past(const Edit& edit, const Edit& other, const Mistakes& mistakes);
/// The inverse: `edit` was made after `other` and does not depend on it; what it was without.
Edit before(const Edit& edit, const Edit& other, const Mistakes& mistakes);

struct Cell {
  std::int64_t element = 0;
  bool visible = true;
  bool operator==(const Cell&) const = default;
};

/// Carries out the edit. Positions behind the end mean the end, which only mistakes make.
void apply(const Edit& edit, const Mistakes& mistakes, std::vector<Cell>& cells);

}  // namespace sunder::ttf
