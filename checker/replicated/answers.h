#pragma once
// Whether every answer is what its datatype's specification makes of what the reply saw.

#include <chrono>

#include "checker/linearizable/budget.h"
#include "checker/replicated/updates.h"

namespace sunder::replicated {

using linearizable::Budget;

struct Answers {
  std::size_t judged = 0;
  std::vector<std::uint32_t> open;  // replies that saw holes: nothing was made of them
  bool over_budget = false;
};

/// Judges the replies that answered a state and saw only updates that are known. What a set of
/// updates means is kept for a few growing sets, so that a history in which every replica's view
/// only grows is judged in time linear in its length times the number of replicas.
Answers check_answers(const Object& object, const Updates& updates, const Budget& budget,
                      Findings& findings);

/// By the definition and in as many steps as it takes: what is wrong with one answer.
void explain_answer(const Object& object, const Updates& updates, const Event& reply,
                    Findings& findings);

}  // namespace sunder::replicated
