// Every checker of the catalogue on any history at all: an answer that names a reason, soon.

#include "catalogue/checker.h"
#include "harness/core/assert.h"
#include "tests/fuzz/support/wild_history.h"

namespace {

using namespace sunder;
using fuzz::wild_history;

Registry<CheckerEntry> all_checkers() {
  Registry<CheckerEntry> registry;
  add_all_checker(registry);
  return registry;
}

void judge(const CheckerEntry& entry, const History& history, bool keyed) {
  CheckContext context;
  context.keyed = keyed;
  context.time_budget = std::chrono::milliseconds(50);
  context.memory_budget = std::size_t{64} << 20;
  Result<Options> options = Options::parse(entry.options, {});
  ASSERT(bool(options));
  context.options = *options;
  std::unique_ptr<Checker> checker = entry.make();
  checker->begin(context);
  bool any_client = false;
  for (std::size_t i = 0; i < history.size(); ++i) {
    checker->feed(history[i]);
    any_client = any_client || history[i].process.is_client();
  }
  Verdict verdict = checker->finish();
  ASSERT_MSG(!verdict.summary.empty(), entry.name);
  bool judges = !entry.datatype.empty() && entry.name != "placement of register";
  ASSERT_MSG(any_client || !judges || verdict.validity == Validity::unknown, entry.name);
  ASSERT_MSG(verdict.validity == Validity::invalid || verdict.anomalies.empty(), entry.name);
  for (const Anomaly& anomaly : verdict.anomalies) {
    for (std::uint64_t op : anomaly.ops) ASSERT_MSG(op < history.size(), entry.name);
  }
  ASSERT(bool(verdict_from(to_value(verdict))));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Registry<CheckerEntry> checkers = all_checkers();
  if (size < 2) return 0;
  const std::vector<CheckerEntry>& all = checkers.all();
  bool keyed = data[1] % 2 == 1;
  judge(all[data[0] % all.size()], wild_history(data + 2, size - 2), keyed);
  return 0;
}
