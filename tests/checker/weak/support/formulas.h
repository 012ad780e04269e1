#pragma once
// Formulas as histories: what makes sequential consistency hard to decide.

#include <cstdint>
#include <vector>

#include "checker/weak/history.h"

namespace sunder::testing_support {

/// In conjunctive normal form. Literals: variable + 1, negative where negated.
struct Formula {
  std::uint32_t variables = 0;
  std::vector<std::vector<std::int32_t>> clauses;
};

/// A history that is sequential exactly when the formula is satisfiable. That this is NP-hard with
/// known reads-from is from Gibbons and Korach, SIAM J. Comput. 1997; the encoding is our own.
weak::Registers encode(const Formula& formula);

/// Clauses of three literals of different variables.
Formula random_formula(std::uint64_t seed, std::uint32_t variables, std::uint32_t clauses);

/// By trying all assignments.
bool is_satisfiable(const Formula& formula);

}  // namespace sunder::testing_support
