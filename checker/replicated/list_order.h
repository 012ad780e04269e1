#pragma once
// Whether documents agree on the order of their elements.

#include "checker/replicated/answers.h"

namespace sunder::replicated {

/// By the list specifications of Attiya, Burckhardt, Gotsman, Morrison, Yang and Zawirski
/// (PODC 2016, definitions 7 and 8), each document orders its elements. `strong`: all of these
/// orders together are acyclic, deleted elements included (order-cycle); then the weak
/// specification holds too, in time of the documents' total length. `weak`: no two documents order
/// a pair of elements differently (order-conflict). Only where there is a cycle the pairs within
/// its elements are compared one by one. `convergence`: replies that saw the same have the same
/// document (divergence). `updates` is null when replies do not say what they saw; without deletes
/// the elements of a document tell. Answers why it is undecided, or nothing.
std::string check_list_order(const Object& object, const Updates* updates, Demands::Order order,
                             const Budget& budget, Findings& findings);

}  // namespace sunder::replicated
