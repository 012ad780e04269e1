#pragma once
// What must hold of the documents of a list besides their order.

#include "checker/replicated/updates.h"

namespace sunder::replicated {

/// An element's identity is its value: why the history has no such identities, a whole sentence
/// without its end; empty when every element is inserted once.
std::string repeated_insert(const Object& object);

/// An inserted element stands at the position that was asked for, or last when the document is
/// shorter (wrong-position); an insert's document has its element (lost-element).
void check_positions(const Object& object, Findings& findings);

struct Bare {
  bool proved = true;  // some visibility explains the elements of all documents
  std::string reason;  // why not, where nothing was found either
};
/// Without a witness: whether each document's elements can be those of some visibility. Elements
/// come from an insert that was invoked (phantom-element), stand once (duplicate-element), and
/// within a session leave only by a delete (lost-element) and never come back
/// (resurrected-element); updates did not see each other (cyclic-visibility).
Bare check_bare_documents(const Object& object, const Demands& demands, Findings& findings);

}  // namespace sunder::replicated
