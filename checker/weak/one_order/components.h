#pragma once
// The parts of an instance that can be judged one after the other, each by itself.

#include "checker/weak/one_order/instance.h"

namespace sunder::weak::one_order {

/// The strongly connected components of what an operation needs: what the base order and its source
/// put before it, of a write also all its reads, which must be done before the next write, and all
/// reads of its key's initial value. A component with its reads done leaves no obligation behind.
/// So, if all is legal in some order, its steps can come first in that order: there is a legal
/// order of all exactly when there is one of each component alone, and these one after the other
/// are it.
struct Components {
  std::vector<Slot> slots;           // component by component, each ascending: chains in one piece
  std::vector<std::uint32_t> begin;  // one more than there are components
  std::vector<std::uint32_t> of;     // by slot

  std::size_t count() const { return begin.size() - 1; }
  std::span<const Slot> slots_of(std::size_t which) const {
    return std::span(slots).subspan(begin[which], begin[which + 1] - begin[which]);
  }
};

Components find_components(const Instance& instance);

}  // namespace sunder::weak::one_order
