#pragma once
// A node's disk as a cluster asks it, wherever it is.

#include <functional>

#include "harness/core/result.h"
#include "harness/core/time.h"
#include "harness/core/value.h"

namespace sunder {

/// Lives on the loop's thread.
class DiskAsker {
 public:
  using Answered = std::function<void(Result<Value>)>;
  virtual ~DiskAsker() = default;
  /// A request of crashfs (harness/crashfs/control.h). `answered` is called once, with an Error at
  /// the time limit at the latest.
  virtual void ask(Map request, Duration time_limit, Answered answered) = 0;
};

}  // namespace sunder
