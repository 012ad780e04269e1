#include "harness/cli/ssh_run.h"

#include <filesystem>

#include "harness/cli/binaries.h"
#include "harness/core/log.h"
#include "harness/real/ssh/ssh_world.h"
#include "harness/run/run_loop.h"

namespace sunder {

Result<SshGround> find_hosts(const Plan& plan) {
  const RunRequest& request = plan.request;
  Result<SshHosts> hosts = request.hosts.empty() ? read_ssh_config(request.ssh_config)
                                                 : read_hosts(request.hosts);
  if (!hosts) return hosts.error();
  if (hosts->hosts.size() < static_cast<std::size_t>(plan.test.nodes)) {
    return Error{Error::Code::malformed,
                 "the run has " + std::to_string(plan.test.nodes) + " nodes, but only " +
                     std::to_string(hosts->hosts.size()) +
                     " hosts are named; name more, or ask for fewer with --nodes"};
  }
  Result<std::string> agent = sibling_binary("sunder-agent");
  if (!agent) return agent.error();
  const std::optional<Service>& service = plan.test.system.service;
  Result<std::string> node =
      service ? binary_on_path(service->binary) : sibling_binary("sunder-node");
  if (!node) return node.error();
  Result<std::string> disk = sibling_binary("sunder-crashfs");  // not every run needs it
  return SshGround{*std::move(hosts), *agent, *node, disk ? *disk : std::string()};
}

Result<Outcomes> play_over_ssh(const Plan& plan, const Test& test, const SshGround& ground,
                               Recorder& recorder, const Interrupts& interrupts) {
  // What is laxer than usual is said even to those who asked for quiet.
  for (const std::string& note : ground.hosts.notes) log::info(note);
  SshOptions options{.hosts = ground.hosts.hosts,
                     .run_folder = std::filesystem::absolute(recorder.directory().path()),
                     .agent_binary = ground.agent_binary,
                     .node_binary = ground.node_binary,
                    .disk_binary = ground.disk_binary,
                    .machines = plan.request.machines,
                    .packets = plan.request.packets};
  options.hosts.resize(static_cast<std::size_t>(test.nodes));
  Result<std::unique_ptr<SshWorld>> world = SshWorld::create(test, options, recorder);
  if (!world) return world.error();
  if (!plan.request.quiet) {
    log::info(std::to_string(test.nodes) + " nodes over SSH; packets are bent by " +
              (*world)->packets());
  }
  RunHooks hooks{.record = [&](const Op& op) { recorder.record(op); },
                 .log = [&](const std::string& line) { recorder.say(line); },
                 .interrupted = &interrupts.flag()};
  Outcomes outcomes;
  outcomes.history = run(test, **world, hooks);
  outcomes.record = (*world)->record();
  outcomes.interrupted = interrupts.flag();
  return outcomes;
}

}  // namespace sunder
