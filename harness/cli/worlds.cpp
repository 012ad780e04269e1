#include "harness/cli/worlds.h"

#include <algorithm>

namespace sunder {
namespace {

bool includes(const std::set<Ability>& all, const std::set<Ability>& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

}  // namespace

std::string_view to_string(WorldKind world) {
  switch (world) {
    case WorldKind::sim: return "sim";
    case WorldKind::lab: return "lab";
    case WorldKind::ssh: return "ssh";
  }
  return "";
}

std::set<Ability> abilities_of(WorldKind world) {
  std::set<Ability> abilities{Ability::links, Ability::link_quality, Ability::processes,
                              Ability::data, Ability::clocks, Ability::clock_courses,
                              Ability::client_links, Ability::freezer, Ability::stored};
  if (world != WorldKind::sim) {
    abilities.insert({Ability::transport, Ability::power, Ability::disks, Ability::resources,
                      Ability::names});
  }
  return abilities;
}

std::set<Ability> abilities_of_root(WorldKind world) {
  if (world != WorldKind::lab) return {};
  return {Ability::power, Ability::stored, Ability::disks, Ability::freezer, Ability::resources};
}

bool can(WorldKind world, const std::set<Ability>& needs) {
  return includes(abilities_of(world), needs);
}

Error incapable(WorldKind world, std::string_view what, const std::set<Ability>& needs) {
  std::string context =
      "the " + std::string(to_string(world)) + " world cannot do " + std::string(what);
  for (WorldKind other : all_worlds) {
    if (can(other, needs)) context += "; --world " + std::string(to_string(other)) + " can";
  }
  return Error{Error::Code::environment, context};
}

std::string_view how_far(WorldKind world, const std::set<Ability>& needs) {
  if (!can(world, needs)) return "-";
  std::set<Ability> root = abilities_of_root(world);
  bool needs_root = std::any_of(needs.begin(), needs.end(),
                                [&](Ability ability) { return root.contains(ability); });
  return needs_root ? "root" : "yes";
}

std::string table_of_worlds(const std::vector<Nemesis>& nemeses) {
  std::string text =
      "| fault | sim | lab | ssh | what it does |\n| --- | --- | --- | --- | --- |\n";
  for (const Nemesis& nemesis : nemeses) {
    text += "| `" + nemesis.name + "`" + (nemesis.in_all ? "" : " *") + " |";
    for (WorldKind world : all_worlds) {
      text += " " + std::string(how_far(world, nemesis.needs)) + " |";
    }
    text += " " + nemesis.summary + " |\n";
  }
  return text;
}

}  // namespace sunder
