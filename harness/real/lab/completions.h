#pragma once
// Where all threads of the lab put what has completed, for the run loop to take.

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "harness/core/op.h"
#include "harness/real/lab/lag_log.h"

namespace sunder {

/// Thread-safe.
class Completions {
 public:
  void put(Op op) {
    {
      std::lock_guard lock(mutex_);
      ready_.push_back(std::move(op));
    }
    wake_.notify_one();
  }
  /// Waits until there is one, an interrupt, or `deadline`; polls when that is past.
  template <class TimePoint>
  std::optional<Op> take(TimePoint deadline) {
    std::unique_lock lock(mutex_);
    wake_.wait_until(lock, deadline, [this] { return !ready_.empty() || interrupted_; });
    interrupted_ = false;
    if (ready_.empty()) return {};
    Op op = std::move(ready_.front());
    ready_.pop_front();
    return op;
  }
  void interrupt() {
    {
      std::lock_guard lock(mutex_);
      interrupted_ = true;
    }
    wake_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Op> ready_;
  bool interrupted_ = false;
};

/// For a world's await(): what completes next, at the world's time, which is zero when
/// host_nanoseconds() is `epoch`. Notes how late the run loop is woken when nothing does.
std::optional<Op> await_completion(Completions& completions, Instant deadline, std::int64_t epoch,
                                   LagLog& lags);

}  // namespace sunder
