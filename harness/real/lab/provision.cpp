#include "harness/real/lab/provision.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "harness/core/assert.h"
#include "harness/core/rng.h"
#include "harness/faultkit/interface.h"
#include "harness/faultkit/process.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

constexpr Duration prepare_limit = std::chrono::seconds(10);
// Where a node sees its folder and our binary, whatever the host's paths and their permissions are.
const fs::path inner_folder = "/tmp/node";
const fs::path inner_binary = "/tmp/bin/sunder-node";
const fs::path inner_other_binary = "/tmp/bin/other-version";
const fs::path inner_clock = "/tmp/clock";
const fs::path inner_clock_library = "/tmp/bin/libsunder-clock.so";

std::uint8_t port_of(NodeId node) { return static_cast<std::uint8_t>(node.index + 1); }

const std::string controller_interface = "lab0";
std::string switch_interface(NodeId node) { return "port" + std::to_string(port_of(node)); }

Error environment(std::string text) { return {Error::Code::environment, std::move(text)}; }

/// Without the nodes where those are to be asked for.
std::string hosts_text(int nodes, bool names) {
  std::string text = "127.0.0.1 localhost\n";
  for (int i = 0; i < nodes && !names; ++i) {
    NodeId node = NodeId::node(i);
    text += address_of_port(port_of(node)) + " " + to_string(node) + "\n";
  }
  return text + address_of_port(controller_port) + " controller\n";
}

std::optional<fs::path> find_in_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string folders = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  for (std::size_t begin = 0; begin <= folders.size();) {
    std::size_t end = std::min(folders.find(':', begin), folders.size());
    fs::path candidate = fs::path(folders.substr(begin, end - begin)) / name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    begin = end + 1;
  }
  return {};
}

/// A journal entry that names a process for good: `sunder heal` ends agents of dead controllers.
Map process_entry(std::string_view key, pid_t pid) {
  std::optional<ProcessInfo> info = process_info(pid);
  Map act;
  act[key] = static_cast<std::int64_t>(pid);
  act["start_time"] = static_cast<std::int64_t>(info ? info->start_ticks : 0);
  return act;
}

bool strikes_disks(const Test& test) {
  return test.needs(Ability::power) || test.needs(Ability::stored) || test.needs(Ability::disks);
}

/// Control groups outlive namespaces, so only who needs them has them.
bool needs_groups(const Test& test) {
  return test.needs(Ability::resources) || test.needs(Ability::freezer);
}

bool has_other_program(const Test& test) {
  return test.other_version && !test.other_version->program.empty();
}

Status check_binaries(const Test& test, const LabOptions& options) {
  if (::access(options.agent_binary.c_str(), X_OK) != 0) {
    return environment("there is no sunder-agent at " + options.agent_binary.string() +
                       "; build it with: ninja sunder-agent");
  }
  if (strikes_disks(test) && ::access(options.disk_binary.c_str(), X_OK) != 0) {
    return environment("there is no sunder-crashfs at " + options.disk_binary.string() +
                       "; build it with: ninja sunder-crashfs");
  }
  if (test.needs(Ability::clocks) && ::access(options.clock_library.c_str(), R_OK) != 0) {
    return environment("there is no libsunder-clock.so at " + options.clock_library.string() +
                       "; build it with: ninja sunder-clock");
  }
  if (has_other_program(test) && ::access(test.other_version->program.c_str(), X_OK) != 0) {
    return environment("there is no program at " + test.other_version->program);
  }
  if (!test.system.service) {
    if (::access(options.node_binary.c_str(), X_OK) == 0) return Done{};
    return environment("there is no sunder-node at " + options.node_binary.string() +
                       "; build it with: ninja sunder-node");
  }
  if (find_in_path(test.system.service->binary)) return Done{};
  return environment(test.system.name + " needs the program " + test.system.service->binary +
                     ", which is not in PATH; install it with: " + test.system.service->install);
}

/// Before the node's agent is started, whose mounts begin as a copy of ours.
Status make_disk(const Test& test, const LabOptions& options, LabSite& site, Journal& journal,
                 NodeId node) {
  if (!strikes_disks(test)) return Done{};
  fs::path folder = node_folder(options, node);
  auto disk = DiskLink::start({
      .binary = options.disk_binary,
      .folder = folder / "data",
      .log = folder / "disk.jsonl",
      .seed = draw(test.seed, Stream::of("disk"), static_cast<std::uint64_t>(node.index)),
  });
  if (!disk) return disk.error();
  site.disks.push_back(*std::move(disk));
  Map act = process_entry("disk_pid", site.disks.back()->pid());
  act["node"] = to_string(node);
  act["undo"] = "kill the disk: its mount lies in the controller's namespace and ends with it";
  site.journal.push_back(journal.will(act));
  return Done{};
}

Status make_folders(const LabOptions& options, NodeId node) {
  fs::path folder = node_folder(options, node);
  std::error_code failed;
  fs::create_directories(folder / "data", failed);
  if (failed) return environment("cannot create " + folder.string() + ": " + failed.message());
  if (options.space.rootless) return Done{};
  for (const fs::path& path : {folder, folder / "data"}) {
    if (::chown(path.c_str(), unprivileged_user, unprivileged_user) != 0) {
      return system_error("give " + path.string() + " to the user that nodes run as");
    }
  }
  return Done{};
}

Status make_port(const LabSite& site, const std::string& name, int far_pid, Descriptor& port) {
  ASSERT(site.veth);
  Status made = create_veth(name, "eth0", far_pid);
  if (made) made = bring_up(name);
  if (!made) return made;
  Result<Descriptor> socket = open_packet_socket(name);
  if (!socket) return socket.error();
  port = *std::move(socket);
  return Done{};
}

/// The controller's own port; decides between TAP and veth on the way.
Status make_controller_port(LabSite& site, const LabOptions& options, std::uint8_t nodes) {
  const std::string name = controller_interface;
  if (options.ports != LabOptions::Ports::veth) {
    Result<Descriptor> tap = open_tap(name);
    if (!tap && options.ports == LabOptions::Ports::tap) return tap.error();
    if (tap) site.controller = *std::move(tap);
  }
  if (!site.controller) {
    site.veth = true;
    Status made = create_veth(name, "lab0s", ::getpid());
    if (made) made = turn_offloads_off(name);
    if (made) made = bring_up("lab0s");
    if (!made) return made;
    Result<Descriptor> socket = open_packet_socket("lab0s");
    if (!socket) return socket.error();
    site.controller = *std::move(socket);
  }
  return configure_port(name, controller_port, nodes, controller_port);
}

Status prepare_agent(const Test& test, const LabOptions& options, LabSite& site, NodeId node) {
  AgentLink& agent = *site.agents.back();
  Map tree;
  tree["do"] = "tree";
  tree["name"] = to_string(node);
  tree["hosts"] = hosts_text(test.nodes, site.names);
  tree["names"] = site.names;
  List binds;
  binds.emplace_back(
      List{Value(node_folder(options, node).string()), Value(inner_folder.string())});
  if (!site.disks.empty()) {  // a bind does not show what is mounted below
    binds.emplace_back(List{Value((node_folder(options, node) / "data").string()),
                            Value((inner_folder / "data").string())});
  }
  if (!test.system.service) {
    binds.emplace_back(List{Value(options.node_binary.string()), Value(inner_binary.string())});
  }
  if (has_other_program(test)) {
    binds.emplace_back(
        List{Value(test.other_version->program), Value(inner_other_binary.string())});
  }
  if (site.clocks) {
    binds.emplace_back(
        List{Value(options.clock_library.string()), Value(inner_clock_library.string())});
    tree["clock"] = inner_clock.string();
  }
  tree["binds"] = std::move(binds);
  auto made = agent.call(std::move(tree), prepare_limit);
  if (!made) return made.error();

  Descriptor port;
  if (site.veth) {
    Status linked = make_port(site, switch_interface(node), agent.pid(), port);
    if (!linked) return linked;
  }
  Map network;
  network["do"] = "network";
  network["names"] = site.names;
  network["device"] = site.veth ? "veth" : "tap";
  network["port"] = static_cast<int>(port_of(node));
  network["ports"] = test.nodes;
  network["controller"] = static_cast<int>(controller_port);
  auto connected = agent.call(std::move(network), prepare_limit);
  if (!connected) return connected.error();
  if (!site.veth) port = std::move(connected->attached);
  if (!port) return environment("the agent of " + to_string(node) + " sent no port");
  site.ports.push_back(std::move(port));
  return Done{};
}

std::vector<std::string> reference_command(const Test& test, const LabSite& site, NodeId node,
                                           const SystemConfig& config) {
  std::string peers;
  for (std::size_t i = 0; i < site.addresses.size(); ++i) {
    peers += (i == 0 ? "" : ",") + to_string(NodeId::node(static_cast<std::int32_t>(i))) + "=" +
             site.addresses[i] + ":" + std::to_string(node_tcp_port);
  }
  std::vector<std::string> command = {
      inner_binary.string(), "--system", test.system.name, "--self", to_string(node), "--peers",
      peers, "--data", (inner_folder / "data").string(), "--trace",
      (inner_folder / "trace.jsonl").string()};
  for (const auto& [key, value] : config.options.all()) {
    command.insert(command.end(), {"--set", key + "=" + value});
  }
  for (const std::string& flaw : config.flaws) command.insert(command.end(), {"--flaw", flaw});
  return command;
}

std::vector<std::string> command_of(const Test& test, const LabSite& site, NodeId node,
                                    Version version) {
  bool other = version == Version::other;
  const SystemConfig& config = other ? test.other_version->config : test.config;
  std::vector<std::string> command;
  if (test.system.service) {
    ServicePlace place = place_of(test, site, node);
    place.options = config.options;
    command = test.system.service->command(place);
    // exec looks in the agent's PATH, which need not be ours.
    if (std::optional<fs::path> found = find_in_path(command[0])) command[0] = found->string();
  } else {
    command = reference_command(test, site, node, config);
    if (other) command.insert(command.end(), {"--called", std::string(to_string(version))});
  }
  if (other && has_other_program(test)) command[0] = inner_other_binary.string();
  return command;
}

Map start_request(const Test& test, const LabOptions& options, const LabSite& site, NodeId node,
                  Version version) {
  std::vector<std::string> command = command_of(test, site, node, version);
  Map request;
  request["do"] = "start";
  List arguments;
  for (const std::string& argument : command) arguments.emplace_back(argument);
  request["command"] = std::move(arguments);
  request["log"] = (inner_folder / "node.log").string();
  request["folder"] = inner_folder.string();
  request["data"] = (inner_folder / "data").string();
  Map environment;
  environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  environment["HOME"] = "/tmp";
  environment["LANG"] = "C.UTF-8";
  if (site.clocks) {
    environment["LD_PRELOAD"] = inner_clock_library.string();
    environment["SUNDER_CLOCK"] = inner_clock.string();
  }
  request["environment"] = std::move(environment);
  if (!options.space.rootless) request["user"] = std::int64_t{unprivileged_user};
  return request;
}

}  // namespace

fs::path node_folder(const LabOptions& options, NodeId node) {
  return options.run_folder / "nodes" / to_string(node);
}

void clear_ports(int nodes) {
  remove_interface(controller_interface);
  for (int i = 0; i < nodes; ++i) remove_interface(switch_interface(NodeId::node(i)));
}

ServicePlace place_of(const Test& test, const LabSite& site, NodeId self) {
  ServicePlace place;
  place.self = self;
  for (std::size_t i = 0; i < site.addresses.size(); ++i) {
    place.addresses.emplace_back(NodeId::node(static_cast<std::int32_t>(i)), site.addresses[i]);
  }
  place.data_folder = (inner_folder / "data").string();
  place.options = test.config.options;
  place.by_name = site.names;
  return place;
}

Status names_fit(const Test& test) {
  if (!test.needs(Ability::names) || test.system.service) return Done{};
  return environment(test.system.name + " is told its peers' addresses and looks up no names; "
                     "faults of names are for stores, such as etcd");
}

Result<LabSite> provision(const Test& test, const LabOptions& options, Journal& journal) {
  LabSite site;
  if (test.nodes < 1 || test.nodes > 100) return environment("a lab has 1 to 100 nodes");
  if (Status checked = check_binaries(test, options); !checked) return checked.error();
  site.clocks = test.needs(Ability::clocks);
  site.names = test.needs(Ability::names);
  if (Status fit = names_fit(test); !fit) return fit.error();
  if (needs_groups(test) && options.space.rootless) {
    return environment("limits of resources and the freezer need control groups of the kernel, "
                       "which only root may make: run as root, or without these faults");
  }
  clear_ports(test.nodes);  // the kernel may not be done with the end of a former lab
  Map own = process_entry("controller_pid", ::getpid());
  own["undo"] = "nothing: while it lives, it undoes its run itself";
  site.journal.push_back(journal.will(own));
  Status done = make_controller_port(site, options, static_cast<std::uint8_t>(test.nodes));
  if (!done) return done.error();
  site.groups = needs_groups(test);
  for (int i = 0; i < test.nodes; ++i) {
    NodeId node = NodeId::node(i);
    site.addresses.push_back(address_of_port(port_of(node)));
    if (Status made = make_folders(options, node); !made) return made.error();
    if (Status made = make_disk(test, options, site, journal, node); !made) return made.error();
    auto agent = AgentLink::start(options.agent_binary, site.groups);
    if (!agent) return agent.error();
    site.agents.push_back(*std::move(agent));
    // So far the agent has done nothing but make namespaces, which end with it.
    Map act = process_entry("agent_pid", site.agents.back()->pid());
    act["node"] = to_string(node);
    act["undo"] = "kill the agent: its namespaces and all in them end with it";
    site.journal.push_back(journal.will(act));
    if (Status ready = prepare_agent(test, options, site, node); !ready) return ready.error();
  }
  for (int i = 0; i < test.nodes; ++i) {
    NodeId node = NodeId::node(i);
    site.starts.push_back(start_request(test, options, site, node, Version::usual));
    if (test.other_version) {
      site.other_starts.push_back(start_request(test, options, site, node, Version::other));
    }
    AgentLink& agent = *site.agents[static_cast<std::size_t>(i)];
    auto started = agent.call(site.starts.back(), prepare_limit);
    if (!started) return started.error();
  }
  return site;
}

}  // namespace sunder
