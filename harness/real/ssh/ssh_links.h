#pragma once
// Links between hosts: cut by the agents, each of which drops what comes from certain others.

#include <map>
#include <set>

#include "harness/real/agent_asker.h"
#include "harness/real/link_control.h"

namespace sunder {

class SshLinks final : public LinkControl {
 public:
  /// Both by node; `agents` must outlive the links.
  SshLinks(std::vector<AgentAsker*> agents, std::vector<std::string> addresses)
      : agents_(std::move(agents)), addresses_(std::move(addresses)) {}

  /// Only blocked links: others are an error, and nothing is changed.
  void impose(const std::string& rule, const std::vector<Link>& links, const LinkModel& model,
              Act done) override;
  void lift(const std::string& rule, Act done) override;
  std::vector<LinkRule> rules() const override;
  /// Whether a rule in force cuts this link.
  bool blocked(Link link) const;

 private:
  /// Tells every agent anew whom it is to cut off: each may have lost that with a lease.
  void tell_agents(Act done);

  std::vector<AgentAsker*> agents_;
  std::vector<std::string> addresses_;
  std::map<std::string, std::vector<Link>> rules_;
};

}  // namespace sunder
