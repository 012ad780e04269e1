#pragma once
// Histories written out in a test, and the verdict of the catalogue's checkers on them.

#include <map>
#include <string>

#include "harness/api/checker.h"

namespace sunder::testing_support {

/// One op after another, each a millisecond later.
class ScriptedHistory {
 public:
  ScriptedHistory& invoke(int process, const char* verb, Value value) {
    return add(process, Phase::invoke, verb, std::move(value));
  }
  ScriptedHistory& ok(int process, const char* verb, Value value) {
    return add(process, Phase::ok, verb, std::move(value));
  }
  ScriptedHistory& info(int process, const char* verb, Value value) {
    return add(process, Phase::info, verb, std::move(value), "timed out");
  }
  ScriptedHistory& fail(int process, const char* verb, Value value, std::string why) {
    return add(process, Phase::fail, verb, std::move(value), std::move(why));
  }
  ScriptedHistory& call(int process, const char* verb, Value asked, Value answered) {
    return invoke(process, verb, std::move(asked)).ok(process, verb, std::move(answered));
  }
  ScriptedHistory& read(int process, int value) { return call(process, "read", {}, value); }
  ScriptedHistory& write(int process, int value) { return call(process, "write", value, value); }
  ScriptedHistory& cas(int process, int expected, int value) {
    return call(process, "cas", Value::pair(expected, value), Value::pair(expected, value));
  }
  ScriptedHistory& add(int process, Phase phase, const char* verb, Value value,
                       std::string error = {});
  History take() { return builder_.take(); }

 private:
  HistoryBuilder builder_;
};

/// The verdict of the checker "linearizable cas-register" with these options.
Verdict register_verdict(const History& history,
                         const std::map<std::string, std::string>& options = {}, bool keyed = false,
                         CheckContext context = {});
/// The verdict of any checker of the catalogue.
Verdict verdict_of(const std::string& checker, const History& history,
                   const std::map<std::string, std::string>& options, CheckContext context);

}  // namespace sunder::testing_support
