#include "tests/checker/support/histories.h"

#include "catalogue/checker.h"
#include "harness/core/assert.h"

namespace sunder::testing_support {

ScriptedHistory& ScriptedHistory::add(int process, Phase phase, const char* verb, Value value,
                                      std::string error) {
  builder_.add(Op{.time = instant_at(static_cast<std::int64_t>(builder_.size()) * 1'000'000),
                  .process = Process{process},
                  .phase = phase,
                  .verb = verb,
                  .value = std::move(value),
                  .error = std::move(error)});
  return *this;
}

Verdict register_verdict(const History& history, const std::map<std::string, std::string>& options,
                         bool keyed, CheckContext context) {
  context.keyed = keyed;
  return verdict_of("linearizable cas-register", history, options, std::move(context));
}

Verdict verdict_of(const std::string& checker, const History& history,
                   const std::map<std::string, std::string>& options, CheckContext context) {
  Registry<CheckerEntry> registry;
  add_all_checker(registry);
  const CheckerEntry* entry = registry.find(checker);
  ASSERT_MSG(entry != nullptr, checker);
  Result<Options> parsed = Options::parse(entry->options, options);
  ASSERT_MSG(bool(parsed), parsed ? "" : parsed.error().context);
  context.options = *parsed;
  return check(*entry->make(), context, history);
}

}  // namespace sunder::testing_support
