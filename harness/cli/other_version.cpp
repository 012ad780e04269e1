// What another version of the system is, of which a run's faults make some nodes.

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "harness/cli/plan.h"

namespace sunder {
namespace {

Error wrong_version(const std::string& what) {
  return {Error::Code::malformed, "the other version: " + what};
}

std::vector<VersionWish> wishes_of(const Plan& plan) {
  std::vector<VersionWish> wishes;
  for (std::size_t i = 0; i < plan.test.nemeses.size(); ++i) {
    const Nemesis& nemesis = plan.test.nemeses[i];
    if (!nemesis.other_version) continue;
    if (!plan.scenario) wishes.push_back(nemesis.other_version(plan.nemesis_options[i]));
    if (!plan.scenario) continue;
    for (const ScenarioEntry& entry : plan.scenario->entries) {
      if (entry.fault != nemesis.name) continue;
      Result<Options> options = options_of(entry, nemesis, plan.test.nodes);
      if (options) wishes.push_back(nemesis.other_version(*options));
    }
  }
  return wishes;
}

Status take_program(const Plan& plan, const VersionWish& wish, OtherVersion& version) {
  if (wish.program.empty()) return Done{};
  if (plan.world == WorldKind::sim) {
    return Error{Error::Code::environment,
                 "the simulator executes no programs, so nodes cannot be swapped for " +
                     wish.program + "; --world lab and ssh can, and every world can swap for "
                     "other flaws and options"};
  }
  std::error_code failed;
  std::filesystem::path path = std::filesystem::canonical(wish.program, failed);
  if (failed || ::access(path.c_str(), X_OK) != 0) {
    return Error{Error::Code::environment, "there is no program at " + wish.program +
                                               ", for which nodes were to be swapped"};
  }
  version.program = path.string();
  return Done{};
}

Status take_flaws(const System& system, const VersionWish& wish, SystemConfig& config) {
  if (wish.flaws.empty()) return Done{};
  config.flaws.clear();
  std::vector<std::string> known{"none"};
  for (const Flaw& flaw : system.flaws) known.push_back(flaw.name);
  for (const std::string& flaw : wish.flaws) {
    if (std::find(known.begin(), known.end(), flaw) == known.end()) {
      return wrong_version(system.name + " has no flaw '" + flaw + "'; " +
                       suggest(flaw, known));
    }
    if (flaw != "none") config.flaws.insert(flaw);
  }
  return Done{};
}

Status take_options(const System& system, const VersionWish& wish, SystemConfig& config) {
  std::map<std::string, std::string> set(config.options.all().begin(), config.options.all().end());
  for (const std::string& pair : wish.set) {
    std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return wrong_version("'" + pair + "' is not KEY=VALUE");
    }
    set[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  Result<Options> options = Options::parse(system.options, set);
  if (!options) return wrong_version(options.error().context);
  config.options = *std::move(options);
  return Done{};
}

}  // namespace

Status take_other_version(Plan& plan) {
  std::vector<VersionWish> wishes = wishes_of(plan);
  if (wishes.empty()) return Done{};
  const VersionWish& wish = wishes.front();
  bool one = std::all_of(wishes.begin(), wishes.end(),
                         [&](const VersionWish& other) { return other == wish; });
  if (!one) return wrong_version("a run has one, not several");
  OtherVersion version{.program = {}, .config = plan.test.config};
  const System& system = plan.test.system;
  if (system.service && wish.program.empty() && wish.set.empty()) {
    return wrong_version("nothing would tell it from the usual " + system.name +
                         ": name another program or other options of it");
  }
  for (Status taken : {take_program(plan, wish, version), take_flaws(system, wish, version.config),
                       take_options(system, wish, version.config)}) {
    if (!taken) return taken.error();
  }
  plan.test.other_version = std::move(version);
  return Done{};
}

}  // namespace sunder
