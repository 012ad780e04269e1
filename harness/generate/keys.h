#pragma once
// Independent keys: many small histories instead of one long one, because checking is exponential
// in the length of one. Values are lifted to [key value]; the generator of a key never sees keys.

#include <cstdint>
#include <functional>
#include <optional>

#include "harness/api/generator.h"
#include "harness/core/value.h"

namespace sunder::gen {

/// The index-th key; nullopt when there are no more. A pure function.
using Keys = std::function<std::optional<Value>(std::uint64_t index)>;
Keys integer_keys();        // 0, 1, 2 ... for ever
Keys these_keys(List keys);

/// The load of one key. A pure function.
using MakeForKey = std::function<Generator(const Value& key)>;

/// One key after the other; the next begins when the one before has ended, without waiting for its
/// ops under way.
Generator sequential_keys(Keys keys, MakeForKey make);

/// Client threads in groups of about `threads_per_key`, each group on a key of its own; a group
/// takes the next key when its own has ended. Groups are runs of neighbouring threads, and a
/// process's home is its number modulo the nodes, so one key's clients have different home nodes.
/// Group sizes differ by one at most, so that no thread is left out. REQUIRES: threads_per_key > 0
Generator concurrent_keys(int threads_per_key, Keys keys, MakeForKey make);

}  // namespace sunder::gen
