#include "harness/api/registry.h"

#include "harness/api/checker.h"
#include "harness/api/nemesis.h"
#include "harness/api/system.h"
#include "harness/api/workload.h"

namespace sunder {

template class Registry<System>;
template class Registry<Nemesis>;
template class Registry<Workload>;
template class Registry<CheckerEntry>;

}  // namespace sunder
