#pragma once
// The definitions of replicated datatypes, written down as they are in the papers and tried out
// over every choice: slow, and sharing nothing with the checker but how ops are read.

#include "checker/replicated/event.h"

namespace sunder::testing_support {

/// Whether some visibility (and arbitration, and list order) explains the replies, which do not say
/// what they saw. For a few events only.
bool twin_explains(const replicated::Object& object, const replicated::Demands& demands);

/// The same where replies say what they saw, without logs. Dots that no reply names may be any of
/// the updates without a reply, which may have seen anything.
bool twin_agrees(const replicated::Object& object, const replicated::Demands& demands);

}  // namespace sunder::testing_support
