#pragma once
// Clients carry one op to the system at a time and complete it exactly once.

#include <functional>

#include "harness/core/op.h"
#include "harness/core/outcome.h"
#include "harness/core/time.h"

namespace sunder {

/// A reference client over a Channel: never blocks, session state inside. The world closes
/// (destroys) it after an `info`; it also turns a missing answer into `info` at the op time-out.
class Client {
 public:
  using Complete = std::function<void(Outcome)>;
  virtual ~Client() = default;
  virtual void invoke(const Op& invocation, Complete complete) = 0;  // one at a time
};

/// A store's client: blocks on a thread of its own, every call with a deadline. Exceptions that
/// leave invoke() become `info`.
class BlockingClient {
 public:
  virtual ~BlockingClient() = default;
  virtual Outcome invoke(const Op& invocation, Duration time_limit) = 0;
};

}  // namespace sunder
