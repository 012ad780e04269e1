#pragma once
// The controller's side of one sunder-agent: starting it, asking it, seeing it end.

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>

#include "harness/core/result.h"
#include "harness/core/time.h"
#include "harness/core/value.h"
#include "harness/faultkit/descriptor.h"
#include "harness/real/agent_asker.h"

namespace sunder {

class AgentLink final : public AgentAsker {
 public:
  struct Reply {
    Value fields;
    Descriptor attached;  // none unless the agent sent one
  };

  /// Starts an agent and waits until its namespaces stand. The agent dies with the calling thread.
  /// With a control group what its node uses can be limited; needs root.
  static Result<std::unique_ptr<AgentLink>> start(const std::filesystem::path& binary,
                                                  bool with_group = false);
  ~AgentLink() override;  // ends the agent and all that runs in its namespaces, and reaps it
  AgentLink(const AgentLink&) = delete;
  AgentLink& operator=(const AgentLink&) = delete;

  pid_t pid() const;  // of the outer process, whose network namespace is the node's

  /// Asks and waits. REQUIRES: attach() has not been called.
  Result<Reply> call(Map request, Duration time_limit);
  /// From now on ask() works, on the loop's thread. `gone` is called if the agent ends.
  void attach(boost::asio::io_context& io, std::function<void()> gone);
  void ask(Map request, Duration time_limit, Answered answered) override;
  bool ended() const override;

 private:
  struct Parts;
  explicit AgentLink(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sunder
