#pragma once
// Histories whose replies do not say what they saw. In general only trying every visibility decides
// them (Biswas, Emmi and Enea, CAV 2019), which is done for small ones.

#include "checker/replicated/answers.h"

namespace sunder::replicated {

/// Refutes what no visibility can explain: values that nobody put in, own updates that are not seen
/// (phantom-value, phantom-element, lost-update, lost-element, out-of-bounds). It proves nothing,
/// but for growing sets without causality. In time linear in the history and its answers.
void check_bounds(const Object& object, const Demands& demands, Findings& findings);

enum class Searched : std::uint8_t { found, none, over_budget, too_large };
struct Search {
  Searched outcome = Searched::none;
  const Event* stuck = nullptr;  // of none: the reply that no choice ever passed
};
/// Tries every visibility (and arbitration): what each operation saw, of updates that had been
/// invoked before its reply, acyclic, as the demands want it, so that every answer is what its
/// datatype makes of it.
Search search_visibility(const Object& object, const Demands& demands, const Budget& budget);

/// Both. Empty when a visibility explains every answer, or when something was found; else why the
/// history is undecided.
std::string judge_bare(const Object& object, const Demands& demands, const Budget& budget,
                       Findings& findings);

}  // namespace sunder::replicated
