#pragma once
// The disk of a node on a host: asked through its agent.

#include "harness/real/agent_asker.h"
#include "harness/real/disk_asker.h"

namespace sunder {

class AgentDisk final : public DiskAsker {
 public:
  /// `agent` must outlive this.
  explicit AgentDisk(AgentAsker& agent) : agent_(agent) {}
  void ask(Map request, Duration time_limit, Answered answered) override {
    Map wrapped;
    wrapped["do"] = "disk";
    wrapped["act"] = std::move(request);
    agent_.ask(std::move(wrapped), time_limit, std::move(answered));
  }

 private:
  AgentAsker& agent_;
};

}  // namespace sunder
