#pragma once
// When faults begin and end, the same for every nemesis.

#include <functional>
#include <string>

#include "harness/api/nemesis.h"
#include "harness/generate/generate.h"

namespace sunder {

/// A fault that is on for a while and off for a while, for ever.
struct OnOff {
  std::string kind;                      // of the nemesis; names its draws
  std::string begin;                     // verbs
  std::string end;                       // empty: each begin ends by itself, and begins follow
  std::function<Value(Rng&)> intention;  // the value of a begin: what it means to strike
  Value end_value{};                     // of an end
};

/// The fault is off first; each stretch, on or off, lasts between half and one and a half times
/// config.interval, counted from the completion of the act before. Ops are config.process's.
Generator on_off_schedule(const NemesisConfig& config, OnOff fault);

/// What differs between faults that one op begins and another ends.
struct OnOffActs {
  std::string begin;  // verbs
  std::string end;
  /// What a begin means to strike, drawn for each by what the options say.
  std::function<std::function<Value(Rng&)>(const Options&)> intention;
  std::function<void(const Op&, FaultScene&, std::function<void(Outcome)>)> strike;
  std::function<void(FaultScene&, std::function<void(Outcome)>)> mend;
};

/// Gives such a nemesis its verbs, schedule, recovery and acts; all else it has already.
Nemesis on_off_nemesis(Nemesis nemesis, OnOffActs acts);

/// One op that ends whatever may be on.
Generator recovery_op(const NemesisConfig& config, std::string verb);

}  // namespace sunder
