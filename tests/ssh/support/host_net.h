#pragma once
// Several hosts on one machine: SSH servers in network namespaces of their own, behind our switch.

#include <memory>
#include <vector>

#include "harness/real/lab/switch.h"
#include "tests/ssh/support/sshd.h"

namespace sunder {

class HostNet {
 public:
  explicit HostNet(int hosts);
  ~HostNet();

  /// "" or why it does not stand.
  const std::string& wrong() const { return wrong_; }
  std::vector<SshHost> hosts() const;
  Sshd& server(int host) { return *servers_[static_cast<std::size_t>(host - 1)]; }
  /// What `nft list ruleset` prints on a host.
  std::string ruleset(int host);

 private:
  static void clear(int hosts);
  std::string build(int hosts);

  std::vector<std::unique_ptr<Sshd>> servers_;
  std::unique_ptr<Switch> switch_;
  std::string wrong_;
};

}  // namespace sunder
