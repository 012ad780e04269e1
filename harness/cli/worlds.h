#pragma once
// The three worlds, and which faults each of them has.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/api/nemesis.h"

namespace sunder {

enum class WorldKind : std::uint8_t { sim, lab, ssh };
inline constexpr std::array<WorldKind, 3> all_worlds = {WorldKind::sim, WorldKind::lab,
                                                        WorldKind::ssh};
std::string_view to_string(WorldKind world);

/// What a world can do where it may do everything; some of it only as root.
std::set<Ability> abilities_of(WorldKind world);
/// Those of its abilities that a world has only when it is run as root.
std::set<Ability> abilities_of_root(WorldKind world);

bool can(WorldKind world, const std::set<Ability>& needs);
/// "'pause' faults": what it is that this world cannot do, and which one can.
Error incapable(WorldKind world, std::string_view what, const std::set<Ability>& needs);

/// "yes", "root" (only when run as root) or "-".
std::string_view how_far(WorldKind world, const std::set<Ability>& needs);
/// The table of all nemeses and worlds, as Markdown: README has it.
std::string table_of_worlds(const std::vector<Nemesis>& nemeses);

}  // namespace sunder
