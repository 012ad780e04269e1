#pragma once
// The controller's side of an agent on a host: asked over SSH, however often that breaks.

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/real/agent_asker.h"
#include "harness/real/ssh/ssh_host.h"

namespace sunder {

/// Lives on the loop's thread, except for the constructor and the destructor, which are to be
/// called while that does not run. A lost connection is made anew and what has no answer yet is
/// asked again under the same id; the agent carries each id out once.
class SshAgentLink final : public AgentAsker {
 public:
  struct Setup {
    SshHost host;
    std::vector<std::string> attach;  // the command there that bridges to the agent
    std::string controller;           // our name, for the agent; the same after a reconnection
    /// Told of every change: {} when the agent can be asked, else why not.
    std::function<void(const Status&)> changed;
  };
  SshAgentLink(boost::asio::io_context& io, Setup setup);
  ~SshAgentLink() override;

  void open();
  void ask(Map request, Duration time_limit, Answered answered) override;
  /// The same whether its machine is off or not: it may come back within the time limit.
  void ask_though_off(Map request, Duration time_limit, Answered answered);
  /// While its machine is off, what has no answer and what is asked fails at once.
  void note_off(bool off);
  bool off() const override;
  /// The agent's answer to our last greeting: "boot", "leases_run_out".
  const Value& greeting() const;
  /// Breaks the connection, as a network may.
  void drop();
  /// Once this connection has ended, no other is made.
  void part();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace sunder
