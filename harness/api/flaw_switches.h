#pragma once
// From the names of flaws to the switches of the code that has them: each name is written once.

#include <vector>

#include "harness/api/system.h"

namespace sunder {

/// A flaw, and the field of a system's own Flaws that switches it on.
template <class Flaws>
struct FlawSwitch {
  bool Flaws::* field;
  Flaw flaw;
};

template <class Flaws>
std::vector<Flaw> flaws_in(const std::vector<FlawSwitch<Flaws>>& switches) {
  std::vector<Flaw> flaws;
  for (const FlawSwitch<Flaws>& entry : switches) flaws.push_back(entry.flaw);
  return flaws;
}

/// Those that a run asks for; all others are off.
template <class Flaws>
Flaws switched_on(const std::vector<FlawSwitch<Flaws>>& switches, const SystemConfig& wanted) {
  Flaws flaws;
  for (const FlawSwitch<Flaws>& entry : switches) flaws.*entry.field = wanted.has(entry.flaw.name);
  return flaws;
}

}  // namespace sunder
