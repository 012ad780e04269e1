#pragma once
// The whole language of generators, after Jepsen's (Kingsbury, jepsen.generator): small immutable
// values that combine. A combinator holds its own randomness as an Rng by value, and what remains
// after an op holds the advanced one, so that asking twice in one context answers alike.

#include "harness/generate/choice.h"    // any prefer mix flip_flop
#include "harness/generate/keys.h"      // concurrent_keys sequential_keys
#include "harness/generate/rewrite.h"   // map filter
#include "harness/generate/sequence.h"  // sequence phases then synchronize limit repeat ...
#include "harness/generate/source.h"    // op ops drawn sleep log
#include "harness/generate/thread.h"    // clients nemesis on_threads reserve each_thread ...
#include "harness/generate/time.h"      // time_limit stagger delay
#include "harness/generate/zipf.h"      // skewed choices
