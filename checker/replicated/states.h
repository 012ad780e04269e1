#pragma once
// What a set of visible updates means, kept up to date as updates are added in any order.
//
// The datatypes are those of Burckhardt, Gotsman, Yang and Zawirski (POPL 2014), where an answer is
// a function of the visible updates, of what these saw, and (last-writer-wins) of their
// arbitration; the elements of a list are those of Attiya et al. (PODC 2016), condition 1a.

#include <memory>

#include "checker/replicated/updates.h"

namespace sunder::replicated {

/// The state that one growing set of updates leaves. What updates saw is a version vector, so that
/// "some visible remove saw this add" is a comparison with the joined vectors of the removes.
class State {
 public:
  virtual ~State() = default;
  /// REQUIRES: the update is not yet in the set, and the updates of its replica come in order.
  virtual void add(const Event& update) = 0;
  /// Whether a reply that saw exactly this set may answer as it did.
  virtual bool agrees(const Event& reply) = 0;
};

std::unique_ptr<State> empty_state(const Object& object, const Updates& updates);

/// The order of stamps: by time, then by node.
bool before(const Object& object, const Stamp& a, const Stamp& b);

}  // namespace sunder::replicated
