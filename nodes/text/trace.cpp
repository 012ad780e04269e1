#include "nodes/text/trace.h"

namespace sunder::text {

std::int64_t sum_of(const std::vector<std::int64_t>& document) {
  std::uint64_t sum = 14695981039346656037U;  // FNV-1a, by elements
  for (std::int64_t element : document) {
    sum = (sum ^ static_cast<std::uint64_t>(element)) * 1099511628211U;
  }
  return static_cast<std::int64_t>(sum >> 1);
}

void trace_boot(Runtime& runtime) { runtime.trace({.kind = "boot"}); }

void trace_edit(Runtime& runtime, const Request& request, std::int64_t sequence,
                const std::vector<std::int64_t>& seen) {
  runtime.trace({.kind = "edit",
                 .numbers = {{{"key", request.key},
                              {"sequence", sequence},
                              {"element", request.element},
                              {"op", request.op}}},
                 .text = to_string(clock::VectorClock(seen))});
}

void trace_apply(Runtime& runtime, std::int64_t key, std::int64_t origin, std::int64_t sequence) {
  runtime.trace(
      {.kind = "apply", .numbers = {{{"key", key}, {"origin", origin}, {"sequence", sequence}}}});
}

void trace_state(Runtime& runtime, std::string_view kind, std::int64_t key,
                 const std::vector<std::int64_t>& document, const Updates& updates) {
  runtime.trace({.kind = kind,
                 .numbers = {{{"key", key},
                              {"length", static_cast<std::int64_t>(document.size())},
                              {"sum", sum_of(document)}}},
                 .text = to_string(updates.counts())});
}

}  // namespace sunder::text
