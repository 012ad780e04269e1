#include "harness/real/lab/completions.h"

#include <algorithm>

#include "harness/real/trace_file.h"

namespace sunder {

std::optional<Op> await_completion(Completions& completions, Instant deadline, std::int64_t epoch,
                                   LagLog& lags) {
  auto now = [epoch] { return instant_at(host_nanoseconds() - epoch); };
  // An endless wait would overflow the clock's arithmetic: the run loop simply asks again.
  Instant latest = std::min(deadline, now() + std::chrono::hours(1));
  std::chrono::steady_clock::time_point host_deadline(
      std::chrono::nanoseconds(nanoseconds(latest) + epoch));
  bool waits = latest > now();
  std::optional<Op> op = completions.take(host_deadline);
  Instant woken = now();
  if (op) {
    op->time = woken;
  } else if (waits) {
    lags.note(latest, woken);
  }
  return op;
}

}  // namespace sunder
