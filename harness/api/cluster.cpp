#include "harness/api/cluster.h"

#include <array>

namespace sunder {

std::string_view to_string(Ability ability) {
  constexpr std::array<std::string_view, 3> names = {"links", "processes", "clocks"};
  return names[static_cast<std::size_t>(ability)];
}

std::string_view to_string(ProcessState state) {
  constexpr std::array<std::string_view, 3> names = {"running", "paused", "stopped"};
  return names[static_cast<std::size_t>(state)];
}

}  // namespace sunder
