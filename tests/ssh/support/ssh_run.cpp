#include "tests/ssh/support/ssh_run.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "catalogue/nemesis.h"
#include "harness/cli/catalogues.h"
#include "harness/core/json.h"
#include "harness/faultkit/family.h"
#include "harness/real/ssh/session.h"

namespace sunder {
namespace {

Test raft_test(std::vector<Nemesis> nemeses) {
  Catalogues catalogues = all_catalogues();
  Test test;
  test.name = "raft";
  test.seed = 1;
  test.nodes = hosts;
  test.concurrency = 2;
  test.system = *catalogues.systems.find("raft");
  test.config.options = *Options::parse(test.system.options, {});
  test.config.datatype = "register";
  test.nemeses = std::move(nemeses);
  test.op_timeout = std::chrono::seconds(5);
  test.ready_timeout = std::chrono::seconds(30);
  return test;
}

std::string mark_of(const SshHost& host) { return "SUNDER_HOST=" + host.folder; }

}  // namespace

Nemesis nemesis_named(std::string_view name) {
  Registry<Nemesis> all;
  add_all_nemesis(all);
  return *all.find(name);
}

SshRun::SshRun(HostNet& net, std::vector<Nemesis> nemeses, Clocks clocks)
    : test_(raft_test(std::move(nemeses))) {
  std::filesystem::path binaries = SUNDER_BINARY_DIR;
  SshOptions options{.hosts = net.hosts(),
                     .run_folder = folder_.path(),
                     .agent_binary = binaries / "sunder-agent",
                     .node_binary = binaries / "sunder-node",
                     .disk_binary = binaries / "sunder-crashfs",
                     .patience_seconds = 2,
                     .pretended_clocks = clocks == Clocks::pretended};
  auto created = SshWorld::create(test_, options, journal_);
  if (created) {
    world_ = *std::move(created);
  } else {
    error_ = created.error().context;
  }
}

void SshRun::dispatch(Process process, std::string verb, Value value) {
  if (!world_) return;
  Op op;
  op.process = process;
  op.verb = std::move(verb);
  op.value = std::move(value);
  world_->dispatch(op);
}

Op SshRun::next() {
  if (!world_) return Op{.phase = Phase::info, .error = error_};
  std::optional<Op> done = world_->await(world_->now() + std::chrono::seconds(60));
  return done ? *done : Op{.phase = Phase::info, .error = "nothing came back"};
}

std::string SshRun::fault(std::string verb, Value value) {
  Op done = perform(Process::nemesis(0), std::move(verb), std::move(value));
  return done.phase == Phase::ok ? to_json(done.value) : done.error;
}

Process SshRun::nemesis(std::string_view name) const {
  auto found = std::find_if(test_.nemeses.begin(), test_.nemeses.end(),
                            [&](const Nemesis& one) { return one.name == name; });
  return Process::nemesis(static_cast<std::int32_t>(found - test_.nemeses.begin()));
}

Phase SshRun::control(std::string_view verb) {
  return perform(test_.control(), std::string(verb), {}).phase;
}

void SshTest::SetUp() {
  if (!no_sshd_here().empty()) GTEST_SKIP() << no_sshd_here();
  if (::access("/usr/sbin/nft", X_OK) != 0) GTEST_SKIP() << "nftables is not installed";
  ASSERT_EQ(net().wrong(), "");
}

void SshTest::TearDown() {
  if (IsSkipped()) return;
  EXPECT_TRUE(soon([] { return agents() == 0; }));
}

HostNet& SshTest::net() {
  static const auto net = std::make_unique<HostNet>(hosts);
  return *net;
}

std::size_t SshTest::agents() {
  std::size_t found = 0;
  for (const SshHost& host : net().hosts()) {
    Descriptor lock(::open((host.folder + "/lock").c_str(), O_RDWR | O_CLOEXEC));
    if (lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) ++found;
  }
  return found;
}

std::size_t SshTest::ours() {
  std::size_t found = 0;
  for (const SshHost& host : net().hosts()) found += marked_with(mark_of(host)).size();
  return found;
}

namespace {

pid_t parent_of(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(stat, text);
  pid_t parent = 0;
  std::sscanf(text.c_str() + text.rfind(')'), ") %*c %d", &parent);
  return parent;
}

}  // namespace

// The agent is the parent of the node.
pid_t SshTest::agent_of(int host) {
  SshHost place = net().hosts()[static_cast<std::size_t>(host - 1)];
  std::vector<pid_t> nodes = marked_with(mark_of(place));
  if (nodes.size() != 1) return 0;
  return parent_of(nodes[0]);
}

pid_t SshTest::watchdog_of(int host) { return parent_of(agent_of(host)); }

std::string SshTest::printed(int host, const std::vector<std::string>& command) {
  SshHost place = net().hosts()[static_cast<std::size_t>(host - 1)];
  auto session = SshSession::open(place, std::chrono::seconds(10));
  if (!session) return session.error().context;
  auto output = (*session)->output_of({.command = command});
  return output ? *output : output.error().context;
}

int run_sunder(const HostNet& net, const std::filesystem::path& folder, const std::string& system,
               const std::vector<std::string>& more, const std::string& world) {
  std::ofstream file(folder / "hosts");
  for (const SshHost& host : net.hosts()) {
    file << host.address << " 22 root " << host.keys[0].string()
         << " host-keys=accept-new known-hosts=" << host.known_hosts[0].string()
         << " folder=" << host.folder << '\n';
  }
  file.close();
  std::vector<std::string> command = {SUNDER_BINARY_DIR "/sunder", "run", system,
                                      "-w", "register", "--world", world, "--nodes", "3",
                                      "--rate", "100", "--interval", "1s", "--seed", "7",
                                      "--store", folder / "store"};
  if (world == "ssh") command.insert(command.end(), {"--hosts", folder / "hosts"});
  command.insert(command.end(), more.begin(), more.end());
  return run_program(command);
}

}  // namespace sunder
