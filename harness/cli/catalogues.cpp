#include "harness/cli/catalogues.h"

#include "catalogue/checker.h"
#include "catalogue/nemesis.h"
#include "catalogue/nodes.h"
#include "catalogue/stores.h"
#include "catalogue/workloads.h"

namespace sunder {

Catalogues all_catalogues() {
  Catalogues all;
  add_all_nodes(all.systems);
  add_all_stores(all.systems);
  add_all_nemesis(all.nemeses);
  add_all_workloads(all.workloads);
  add_all_checker(all.checkers);
  return all;
}

std::vector<const CheckerEntry*> checkers_for(const Catalogues& catalogues,
                                              std::string_view datatype,
                                              std::string_view consistency) {
  std::vector<const CheckerEntry*> fitting;
  for (const CheckerEntry& entry : catalogues.checkers.all()) {
    if (entry.domain || entry.datatype != datatype) continue;
    if (entry.consistency == consistency) fitting.push_back(&entry);
  }
  for (const CheckerEntry& entry : catalogues.checkers.all()) {
    if (entry.datatype.empty() && entry.consistency.empty()) fitting.push_back(&entry);
  }
  return fitting;
}

}  // namespace sunder
