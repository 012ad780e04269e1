#pragma once
// Datatypes in tests: by name, with calls written as EDN.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "checker/linearizable/datatype.h"
#include "harness/core/history.h"

namespace sunder::testing_support {

using OptionTexts = std::map<std::string, std::string>;

/// A datatype of the list, made anew; the test fails when there is none or the options are wrong.
std::unique_ptr<linearizable::Datatype> make_datatype(std::string_view name,
                                                      const OptionTexts& set = {});

/// An EDN text as a value.
Value edn(std::string_view text);

/// What a datatype makes of a history whose keys, if any, are part of its values.
struct DecodedHistory {
  linearizable::Operations operations;
  std::size_t refused = 0;  // invocations that begin() refused
  std::size_t broken = 0;   // completions that end() did not understand
};
DecodedHistory decode(linearizable::Datatype& datatype, const History& history);
/// The same for a history in a format of harness/formats.
DecodedHistory decode(linearizable::Datatype& datatype, std::string_view text);

/// One call after another, with the answer of each.
struct Turn {
  std::string verb;
  std::string arguments;  // as EDN
  std::string answer;     // as EDN
  int process = 0;
  Phase phase = Phase::ok;
  std::string error{};
};

/// What happens when the turns are taken in order: "legal", or "1: dequeue 2" with the place and
/// text of the first call that the specification forbids, or "0: refused", "0: broken". Turns that
/// never happened are passed over, and crashed ones are taken as having taken effect.
std::string play(std::string_view name, const std::vector<Turn>& turns,
                 const OptionTexts& set = {});
/// The state after the turns, as EDN; what play() says when they are not legal.
std::string state_after(std::string_view name, const std::vector<Turn>& turns,
                        const OptionTexts& set = {});

}  // namespace sunder::testing_support
