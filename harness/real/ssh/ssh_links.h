#pragma once
// Links between hosts: cut by the agent of the one that is not to hear, bent by that of the sender.

#include <string>
#include <vector>

#include "harness/real/agent_asker.h"
#include "harness/real/link_control.h"

namespace sunder {

class SshLinks final : public LinkControl {
 public:
  /// Both by node; `agents` must outlive the links.
  SshLinks(std::vector<AgentAsker*> agents, std::vector<std::string> addresses)
      : agents_(std::move(agents)), addresses_(std::move(addresses)) {}

  void impose(const std::string& rule, const std::vector<Link>& links, const LinkModel& model,
              Act done) override;
  void lift(const std::string& rule, Act done) override;
  void read_tolls(std::function<void(Result<LinkTolls>)> done) override;
  std::vector<LinkRule> rules() const override { return rules_; }
  /// Says all again to all agents, one of which has forgotten it.
  void renew(Act done) { tell_agents(std::move(done)); }
  /// Whether a rule in force cuts this link.
  bool blocked(Link link) const;

 private:
  /// Tells every agent anew whom it is to cut off, and how to bend what it sends: each may have
  /// lost that with a lease.
  void tell_agents(Act done);
  Map cuts_of(std::size_t node) const;
  Map bends_of(std::size_t node) const;

  std::vector<AgentAsker*> agents_;
  std::vector<std::string> addresses_;
  std::vector<LinkRule> rules_;  // in the order imposed
};

}  // namespace sunder
