#pragma once
// How values look in ops and options: what the datatypes share when they read them.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "checker/linearizable/datatype.h"

namespace sunder::linearizable {

bool is_scalar(ValueView value);  // no list and no map
bool is_pair(ValueView value);    // a list of two
bool is_pair_of_scalars(ValueView value);
std::optional<std::int32_t> small_integer(ValueView value);  // when it has 32 bits

bool is_one_of(std::string_view verb, std::initializer_list<std::string_view> verbs);

/// Whether an answer is nil or repeats the argument that has this id.
bool repeats(ValueTable& values, ValueView answer, std::int32_t argument);

/// What a map holds under a name, with or without a keyword's colon.
std::optional<ValueView> field(ValueView map, std::string_view name);

/// The value that the text of an option stands for: nil, an integer, or itself as a text.
Value option_value(const std::string& text);

/// What a completion says of a call whose answer holds nothing to learn.
Fate plain_fate(Phase phase);

/// Whether the error of a failed op can be that its condition was not met: it begins with this
/// phrase, with or without a keyword's colon, or there is none.
bool refused(std::string_view error, std::string_view phrase);

}  // namespace sunder::linearizable
