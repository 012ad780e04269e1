#include "harness/cli/choose_judges.h"

#include <algorithm>

#include "checker/weak/models.h"
#include "harness/core/assert.h"

namespace sunder {
namespace {

Options defaults_of(const CheckerEntry& entry) {
  Result<Options> options = Options::parse(entry.options, {});
  ASSERT_MSG(options, entry.name);
  return *options;
}

// A workload that names a checker or an option that there is not is a bug of ours.
ChosenChecker chosen_check(const WorkloadCheck& check, const Catalogues& catalogues) {
  const CheckerEntry* entry = catalogues.checkers.find(check.checker);
  ASSERT_MSG(entry != nullptr, check.checker);
  Result<Options> options = Options::parse(entry->options, check.options);
  ASSERT_MSG(options, check.checker);
  return {entry, *options};
}

/// The model's own name where people gave a short one, "ccv".
std::string full_name(const std::string& claim) {
  const weak::Model* model = weak::find_model(claim);
  return model == nullptr ? claim : std::string(model->name);
}

}  // namespace

Result<Judges> choose_judges(const Plan& plan, const Catalogues& catalogues) {
  const std::string wanted = full_name(plan.request.claim);
  const Workload& workload = plan.workload;
  Judges judges{.claim = wanted.empty() ? plan.test.system.claim(plan.test.config) : wanted,
                .checks_stand_for_claim = workload.checks_stand_for_claim};
  bool claim_known = false;
  for (const CheckerEntry* entry : checkers_for(catalogues, workload.datatype, judges.claim)) {
    claim_known = claim_known || !entry->datatype.empty();
    judges.checkers.push_back({entry, defaults_of(*entry)});
  }
  if (!claim_known && !wanted.empty()) {
    return Error{Error::Code::malformed, "no checker decides '" + wanted + "' for " +
                                             workload.datatype + "; see 'sunder list models'"};
  }
  if (!workload.checks) return judges;
  for (const WorkloadCheck& check : workload.checks(plan.workload_options)) {
    ChosenChecker chosen = chosen_check(check, catalogues);
    auto known = std::find_if(judges.checkers.begin(), judges.checkers.end(),
                              [&](const auto& other) { return other.entry == chosen.entry; });
    if (known != judges.checkers.end()) {
      known->options = chosen.options;
    } else {
      judges.checkers.push_back(chosen);
    }
  }
  return judges;
}

}  // namespace sunder
