#include "harness/cli/lab_run.h"

namespace sunder {
namespace {

Error not_built() {
  return Error{Error::Code::environment, "the lab world is not built yet; use --world sim"};
}

}  // namespace

Status enter_own_namespaces(const std::vector<std::string>&) { return not_built(); }

Result<Outcomes> play_in_lab(const Test&, Recorder&, const Interrupts&) { return not_built(); }

}  // namespace sunder
