#pragma once
// What sites tell the invariants of their documents.

#include <vector>

#include "harness/api/runtime.h"
#include "nodes/text/updates.h"

namespace sunder::text {

/// Of the whole document, in its order.
std::int64_t sum_of(const std::vector<std::int64_t>& document);

void trace_boot(Runtime& runtime);
/// A client's update was accepted here. `seen` is what had been applied before.
void trace_edit(Runtime& runtime, const Request& request, std::int64_t sequence,
                const std::vector<std::int64_t>& seen);
void trace_apply(Runtime& runtime, std::int64_t key, std::int64_t origin, std::int64_t sequence);
/// `kind` is "state", or "recovered" for what survived a restart.
void trace_state(Runtime& runtime, std::string_view kind, std::int64_t key,
                 const std::vector<std::int64_t>& document, const Updates& updates);

}  // namespace sunder::text
