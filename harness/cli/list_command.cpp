#include <cstdio>
#include <map>

#include "checker/weak/models.h"
#include "harness/cli/commands.h"
#include "harness/cli/worlds.h"
#include "harness/core/assert.h"

namespace sunder {
namespace {

void print_row(const std::string& name, const std::string& summary) {
  std::printf("  %-31s %s\n", name.c_str(), summary.c_str());
}

void print_detail(const char* what, std::string_view text) {
  if (text.empty()) return;
  std::printf("    %-8s %s\n", what, std::string(text).c_str());
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ",") + word;
  return out;
}

void print_details(const System& system) {
  Result<Options> defaults = Options::parse(system.options, {});
  ASSERT_MSG(defaults, system.name);
  print_detail("claim", system.claim(SystemConfig{.options = *defaults, .flaws = {}}));
  std::string verbs;
  for (const auto& [datatype, words] : system.verbs) {
    verbs += (verbs.empty() ? "" : "; ") + datatype + ": " + joined(words);
  }
  print_detail("verbs", verbs);
  std::string asked;
  for (const Instruction& instruction : system.instructions) {
    asked += (asked.empty() ? "" : ",") + instruction.verb;
  }
  print_detail("asked", asked);
  print_detail("faults", system.fault_model);
  std::string flaws;
  for (const Flaw& flaw : system.flaws) flaws += (flaws.empty() ? "" : " ") + flaw.name;
  print_detail("flaws", flaws);
}

template <class T>
void print_all(const char* title, const Registry<T>& registry) {
  std::printf("%s\n", title);
  for (const T& record : registry.all()) print_row(record.name, record.summary);
}

void list_nemeses(const Catalogues& catalogues) {
  std::printf("nemeses (-n) and the worlds that have them; those with a star are not part of "
              "'all'\n  %-18s", "");
  for (WorldKind world : all_worlds) {
    std::printf(" %-4s", std::string(to_string(world)).c_str());
  }
  std::printf("\n");
  for (const Nemesis& nemesis : catalogues.nemeses.all()) {
    std::printf("  %-18s", (nemesis.name + (nemesis.in_all ? "" : " *")).c_str());
    for (WorldKind world : all_worlds) {
      std::printf(" %-4s", std::string(how_far(world, nemesis.needs)).c_str());
    }
    std::printf(" %s\n", nemesis.summary.c_str());
  }
}

void list_systems(const Catalogues& catalogues, bool in_full) {
  std::printf("systems\n");
  for (const System& system : catalogues.systems.all()) {
    print_row(system.name, system.summary);
    if (in_full) print_details(system);
  }
}

ExitCode list_flaws(const Catalogues& catalogues, const std::string& of) {
  for (const System& system : catalogues.systems.all()) {
    if ((!of.empty() && system.name != of) || (of.empty() && system.flaws.empty())) continue;
    std::printf("flaws of %s (--flaw NAME)\n", system.name.c_str());
    for (const Flaw& flaw : system.flaws) {
      print_row(flaw.name, flaw.summary + " [shown by " + joined(flaw.shown_by) + "]");
    }
  }
  return exit_valid;
}

void print_options(const std::string& owner, const std::vector<OptionSpec>& specs) {
  std::printf("options of %s (--set KEY=VALUE)\n", owner.c_str());
  for (const OptionSpec& spec : specs) {
    std::string choices = spec.choices.empty() ? "" : " {" + joined(spec.choices) + "}";
    print_row(spec.name + "=" + spec.fallback, spec.help + choices);
  }
}

template <class T>
bool list_options(const Registry<T>& registry, const std::string& of) {
  bool found = false;
  for (const T& record : registry.all()) {
    if (!of.empty() && record.name != of) continue;
    found = true;
    if (!record.options.empty() || !of.empty()) print_options(record.name, record.options);
  }
  return found;
}

void print_rows(const char* title, const std::map<std::string, std::string>& rows) {
  std::printf("%s\n", title);
  for (const auto& [name, summary] : rows) print_row(name, summary);
}

void list_datatypes(const Catalogues& catalogues) {
  std::map<std::string, std::string> rows;
  for (const CheckerEntry& entry : catalogues.checkers.all()) {
    if (entry.datatype.empty()) continue;
    std::string& summary = rows[entry.datatype];  // told by one of its checkers
    if (summary.empty()) summary = entry.datatype_summary;
  }
  print_rows("datatypes (--datatype)", rows);
}

// What else there is to be told of checkers, with the datatypes that each fits.
std::map<std::string, std::string> checkers_outside_the_lattice(const Catalogues& catalogues,
                                                                bool domain) {
  std::map<std::string, std::string> rows;
  std::map<std::string, std::string> fits;
  for (const CheckerEntry& entry : catalogues.checkers.all()) {
    bool other = entry.consistency.empty() || entry.domain != domain ||
                 weak::find_model(entry.consistency) != nullptr;
    if (other) continue;
    rows[entry.consistency] = entry.summary;
    std::string& datatypes = fits[entry.consistency];
    datatypes += (datatypes.empty() ? "" : ",") + entry.datatype;
  }
  for (auto& [name, summary] : rows) summary += " [of " + fits[name] + "]";
  return rows;
}

std::string_view agreement(weak::Arbitration arbitration) {
  switch (arbitration) {
    case weak::Arbitration::per_read: return "may differ from read to read";
    case weak::Arbitration::per_session: return "one for each session";
    case weak::Arbitration::per_key: return "one for each key";
    case weak::Arbitration::global: return "one for all";
  }
  return "";
}

// The lattice of registers, strongest first; one line each when everything is listed.
void list_lattice(bool in_full) {
  for (const weak::Model& model : weak::models()) {
    print_row(std::string(model.name), std::string(model.summary));
    if (!in_full) continue;
    std::string implied;
    for (const weak::Edge& edge : weak::edges()) {
      if (edge.stronger != model.name) continue;
      implied += (implied.empty() ? "" : ", ") + std::string(edge.weaker);
    }
    print_detail("sees", model.visibility);
    print_detail("order", agreement(model.arbitration));
    print_detail("meaning", model.definition);
    print_detail("implies", implied);
    print_detail("alias", model.alias);
    print_detail("source", model.source);
  }
}

void list_models(const Catalogues& catalogues, bool in_full) {
  std::printf("models (--consistency, --claim); all but linearizable are of datatype register\n");
  list_lattice(in_full);
  for (const auto& [name, summary] : checkers_outside_the_lattice(catalogues, false)) {
    print_row(name, summary);
  }
}

bool list_datatype_options(const Catalogues& catalogues, const std::string& of) {
  bool found = false;
  for (const CheckerEntry& entry : catalogues.checkers.all()) {
    if (entry.datatype.empty() || (!of.empty() && entry.datatype != of)) continue;
    found = true;
    if (!of.empty()) print_options(entry.datatype + " as " + entry.consistency, entry.options);
  }
  return found;
}

}  // namespace

ExitCode list_command(const std::string& what, const std::string& of) {
  Catalogues catalogues = all_catalogues();
  bool everything = what.empty();
  bool known = everything;
  auto wanted = [&](const char* name) {
    bool is = what == name;
    known = known || is;
    return is || everything;
  };
  if (!of.empty() && what == "flaws" && catalogues.systems.find(of) == nullptr) {
    return fail_with(Error{Error::Code::malformed, "unknown system '" + of + "'; " +
                                                       suggest(of, catalogues.systems.names())});
  }
  if (wanted("systems")) list_systems(catalogues, !everything);
  if (wanted("workloads")) print_all("workloads (-w)", catalogues.workloads);
  if (wanted("nemeses")) list_nemeses(catalogues);
  if (wanted("datatypes")) list_datatypes(catalogues);
  if (wanted("models")) list_models(catalogues, !everything);
  if (wanted("checks")) {
    print_rows("checks of a datatype (--consistency)",
               checkers_outside_the_lattice(catalogues, true));
  }
  if (wanted("flaws")) list_flaws(catalogues, of);
  if (!everything && wanted("worlds")) {
    std::printf("%s", table_of_worlds(catalogues.nemeses.all()).c_str());
  }
  if (!everything && wanted("options")) {
    bool systems = list_options(catalogues.systems, of);
    bool workloads = list_options(catalogues.workloads, of);
    bool nemeses = list_options(catalogues.nemeses, of);
    bool datatypes = list_datatype_options(catalogues, of);
    if (!systems && !workloads && !nemeses && !datatypes) {
      return fail_with(Error{Error::Code::malformed, "nothing is called '" + of + "'"});
    }
  }
  if (known) return exit_valid;
  std::vector<std::string> all{"systems", "workloads", "nemeses", "datatypes",
                               "models",  "checks",    "flaws",     "worlds",  "options"};
  return fail_with(
      Error{Error::Code::malformed, "cannot list '" + what + "'; " + suggest(what, all)});
}

}  // namespace sunder
