#include "harness/cli/lab_run.h"

#include <filesystem>

#include "harness/cli/binaries.h"
#include "harness/core/log.h"
#include "harness/real/lab/lab_world.h"
#include "harness/run/run_loop.h"

namespace sunder {

Result<LabGround> enter_lab() {
  // First the binaries: in new namespaces /proc/self/exe no longer says where the file system that
  // this program lies on is mounted.
  Result<std::string> agent = sibling_binary("sunder-agent");
  if (!agent) return agent.error();
  Result<std::string> node = sibling_binary("sunder-node");
  if (!node) return node.error();
  Result<std::string> disk = sibling_binary("sunder-crashfs");  // not every run needs it
  std::string clock = (std::filesystem::path(*agent).parent_path() / "libsunder-clock.so").string();
  Result<LabSpace> space = enter_lab_namespaces();
  if (!space) return space.error();
  return LabGround{*space, *agent, *node, disk ? *disk : std::string(), clock};
}

Result<Outcomes> play_in_lab(const Plan& plan, const Test& test, const LabGround& ground,
                             Recorder& recorder, const Interrupts& interrupts) {
  LabOptions options{.space = ground.space,
                     .run_folder = std::filesystem::absolute(recorder.directory().path()),
                     .agent_binary = ground.agent_binary,
                     .node_binary = ground.node_binary,
                     .disk_binary = ground.disk_binary,
                     .clock_library = ground.clock_library};
  if (plan.switch_stall.count() > 0) {
    options.switch_stall = SwitchStall{.every = 4 * plan.switch_stall, .length = plan.switch_stall};
  }
  Result<std::unique_ptr<LabWorld>> world = LabWorld::create(test, options, recorder);
  if (!world) return world.error();
  if (!plan.request.quiet) {
    log::info(std::to_string(test.nodes) + " nodes over " + (*world)->ports());
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
