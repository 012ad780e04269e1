#pragma once
// The ssh world on three hosts of one machine, for tests.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "harness/real/ssh/ssh_world.h"
#include "tests/ssh/support/host_net.h"

namespace sunder {

inline constexpr int hosts = 3;

/// A world on the hosts of a net under one nemesis, and one op at a time.
class SshRun {
 public:
  enum class Clocks { own, pretended };  // what the agents may bend
  SshRun(HostNet& net, Nemesis nemesis, Clocks clocks = Clocks::own)
      : SshRun(net, std::vector<Nemesis>{std::move(nemesis)}, clocks) {}
  SshRun(HostNet& net, std::vector<Nemesis> nemeses, Clocks clocks = Clocks::own);
  const std::string& error() const { return error_; }
  SshWorld& world() { return *world_; }
  void end() { world_.reset(); }
  const MemoryJournal& journal() const { return journal_; }
  const std::filesystem::path& folder() const { return folder_.path(); }

  void dispatch(Process process, std::string verb, Value value);
  Op next();  // that is completed
  Op perform(Process process, std::string verb, Value value) {
    dispatch(process, std::move(verb), std::move(value));
    return next();
  }
  Op client(int process, std::string verb, Value value) {
    return perform(Process{process}, std::move(verb), std::move(value));
  }
  /// Who carries out the faults of that name.
  Process nemesis(std::string_view name) const;
  /// The value of a fault's completion as JSON, its error if it has one.
  std::string fault(std::string verb, Value value = {});
  Phase control(std::string_view verb);

 private:
  TemporaryFolder folder_;
  sunder::Test test_;
  MemoryJournal journal_;
  std::string error_;
  std::unique_ptr<SshWorld> world_;
};

/// A nemesis of the catalogue.
Nemesis nemesis_named(std::string_view name);

/// Skips where there are no such hosts; at its end no agent is left.
class SshTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;
  /// One for all tests, so that the hosts have our binaries from the second run on.
  static HostNet& net();
  /// Hosts whose agent holds its lock.
  static std::size_t agents();
  /// Processes that our agents have started and marked, on any host.
  static std::size_t ours();
  /// The agent of a host, from 1 on, whose node runs; 0: none.
  static pid_t agent_of(int host);
  /// The process that watches over that agent.
  static pid_t watchdog_of(int host);
  /// What a program prints on a host; what went wrong.
  static std::string printed(int host, const std::vector<std::string>& command);
};

/// A whole run of the command line, on the hosts unless another world is named. Its exit code.
int run_sunder(const HostNet& net, const std::filesystem::path& folder, const std::string& system,
               const std::vector<std::string>& more, const std::string& world = "ssh");

}  // namespace sunder
