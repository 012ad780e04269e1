#pragma once
// A node's agent as a cluster asks it, wherever it runs.

#include <functional>

#include "harness/core/result.h"
#include "harness/core/time.h"
#include "harness/core/value.h"

namespace sunder {

/// What an agent that lives does not need for a simple act.
inline constexpr Duration agent_limit = std::chrono::seconds(5);

/// Lives on the loop's thread.
class AgentAsker {
 public:
  using Answered = std::function<void(Result<Value>)>;
  virtual ~AgentAsker() = default;
  /// `answered` is called once, with an Error at the time limit at the latest.
  virtual void ask(Map request, Duration time_limit, Answered answered) = 0;
  /// Whether it is gone for good.
  virtual bool ended() const { return false; }
  /// Whether its machine is off. Who brings that back tells it all that is in force.
  virtual bool off() const { return false; }
};

}  // namespace sunder
