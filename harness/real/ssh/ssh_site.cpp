#include "harness/real/ssh/ssh_site.h"

#include <unistd.h>

#include <set>

#include "harness/core/rng.h"
#include "harness/faultkit/host_clock.h"
#include "harness/faultkit/namespaces.h"
#include "harness/real/lab/provision.h"
#include "harness/real/ssh/on_all.h"
#include "harness/real/ssh/session.h"
#include "harness/real/ssh/transfer.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

constexpr Duration connect_limit = std::chrono::seconds(20);

Error environment(std::string text) { return {Error::Code::environment, std::move(text)}; }

std::string without_line_end(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

/// Puts one of our binaries into the host's folder, under a name that no other version has: what
/// runs is never written to.
Result<std::string> place_binary(SshSession& session, const fs::path& local) {
  Result<std::string> checksum = sha256_of(local);
  if (!checksum) return checksum.error();
  std::string remote = session.host().folder + "/bin/" + local.filename().string() + "-" +
                       checksum->substr(0, 16);
  SshUpload what{.local = local, .remote = remote, .executable = true, .as_root = true};
  Result<Uploaded> uploaded = upload(session, what);
  if (!uploaded) return uploaded.error();
  return remote;
}

Status check_host(SshSession& session) {
  Result<std::string> user = session.output_of({.command = {"id", "-u"}, .as_root = true});
  if (!user) return user.error();
  Result<std::string> machine = session.output_of({.command = {"uname", "-sm"}});
  if (!machine) return machine.error();
#if defined(__x86_64__)
  const std::string ours = "Linux x86_64";
#else
  const std::string ours = "Linux aarch64";
#endif
  if (without_line_end(*machine) == ours) return Done{};
  return environment(to_string(session.host()) + " is " + without_line_end(*machine) +
                     ", and our binaries are for " + ours);
}

Result<std::string> node_address(const SshSession& session, int nodes) {
  const SshHost& host = session.host();
  if (!host.node_address.empty()) return host.node_address;
  Result<std::string> address = session.peer_address();
  if (!address) return address;
  bool loopback = address->starts_with("127.") || *address == "::1";
  if (!loopback || nodes == 1) return address;
  return environment("the other nodes cannot reach " + host.name + " at " + *address +
                     "; say where they can, with node-address=ADDRESS in the file of --hosts");
}

/// After a power cut no agent runs until somebody starts one: the first who comes.
std::vector<std::string> attach_command(const SshOptions& options, const std::string& agent,
                                        const std::string& folder) {
  if (options.machines.empty()) return {agent, "attach", folder};
  return {"sh", "-c", "\"$0\" serve \"$1\" \"$2\" >/dev/null && exec \"$0\" attach \"$1\"", agent,
          folder, std::to_string(options.patience_seconds)};
}

using Sessions = std::vector<std::unique_ptr<SshSession>>;

Status upload_to(const Test& test, const SshOptions& options, SshSite& site, Sessions& sessions,
                 std::size_t i) {
  Result<std::unique_ptr<SshSession>> session =
      SshSession::open(options.hosts[i], connect_limit);
  if (!session) return session.error();
  if (Status checked = check_host(**session); !checked) return checked;
  Result<std::string> address = node_address(**session, test.nodes);
  if (!address) return address.error();
  Result<std::string> agent = place_binary(**session, options.agent_binary);
  if (!agent) return agent.error();
  Result<std::string> node = place_binary(**session, options.node_binary);
  if (!node) return node.error();
  if (has_disks(test, options)) {
    Result<std::string> disk = place_binary(**session, options.disk_binary);
    if (!disk) return disk.error();
    site.disks[i] = *disk;
  }
  site.addresses[i] = *address;
  site.agents[i] = *agent;
  site.attach[i] = attach_command(options, *agent, options.hosts[i].folder);
  site.binaries[i] = site.other_binaries[i] = *node;
  if (test.other_version && !test.other_version->program.empty()) {
    Result<std::string> other = place_binary(**session, test.other_version->program);
    if (!other) return other.error();
    site.other_binaries[i] = *other;
  }
  if (!options.machines.empty()) {  // what was just uploaded is to survive any power cut
    Result<std::string> synced = (*session)->output_of({.command = {"sync"}});
    if (!synced) return synced.error();
  }
  sessions[i] = *std::move(session);
  return Done{};
}

Status start_agent(const SshOptions& options, const SshSite& site, SshSession& session,
                   std::size_t i) {
  std::vector<std::string> command = {site.agents[i], "serve", options.hosts[i].folder,
                                      std::to_string(options.patience_seconds)};
  if (options.pretended_clocks) command.emplace_back("pretended-clock");
  Result<std::string> served = session.output_of({.command = command, .as_root = true});
  if (!served) return served.error();
  return Done{};
}

std::vector<std::string> reference_command(const Test& test, const SshSite& site, NodeId node,
                                           const std::string& folder, std::size_t boot,
                                           const SystemConfig& config) {
  std::string peers;
  for (std::size_t i = 0; i < site.addresses.size(); ++i) {
    peers += (i == 0 ? "" : ",") + to_string(NodeId::node(static_cast<std::int32_t>(i))) + "=" +
             site.addresses[i] + ":" + std::to_string(ssh_node_port);
  }
  std::vector<std::string> command = {
      site.binaries[static_cast<std::size_t>(node.index)], "--system", test.system.name, "--self",
      to_string(node), "--peers", peers, "--data", folder + "/data", "--trace",
      folder + "/" + trace_name(boot)};
  for (const auto& [key, value] : config.options.all()) {
    command.insert(command.end(), {"--set", key + "=" + value});
  }
  for (const std::string& flaw : config.flaws) command.insert(command.end(), {"--flaw", flaw});
  return command;
}

}  // namespace

bool has_disks(const Test& test, const SshOptions& options) {
  return test.needs(Ability::stored) || test.needs(Ability::disks) ||
         (test.needs(Ability::power) && options.machines.empty());
}

Result<SshSite> prepare_hosts(const Test& test, const SshOptions& options) {
  auto nodes = static_cast<std::size_t>(test.nodes);
  if (options.hosts.size() < nodes) {
    return environment("the run has " + std::to_string(nodes) + " nodes, but only " +
                       std::to_string(options.hosts.size()) +
                       " hosts are named; name more, or ask for fewer with --nodes");
  }
  if (Status fit = names_fit(test); !fit) return fit.error();
  if (has_disks(test, options) && ::access(options.disk_binary.c_str(), X_OK) != 0) {
    return environment("there is no sunder-crashfs at '" + options.disk_binary.string() +
                       "'; build it with: ninja sunder-crashfs");
  }
  SshSite site;
  site.addresses.resize(nodes);
  site.agents.resize(nodes);
  site.attach.resize(nodes);
  site.binaries.resize(nodes);
  site.other_binaries.resize(nodes);
  site.disks.resize(nodes);
  Sessions sessions(nodes);
  Status ready = on_all(
      nodes, [&](std::size_t i) { return upload_to(test, options, site, sessions, i); });
  if (!ready) return ready.error();
  std::set<std::string> distinct(site.addresses.begin(), site.addresses.end());
  if (distinct.size() < nodes) {
    return environment("two of the hosts have the same address; each node needs its own");
  }
  // Agents do not wait for ever: they start once the slowest upload is done.
  ready = on_all(nodes,
                 [&](std::size_t i) { return start_agent(options, site, *sessions[i], i); });
  if (!ready) return ready.error();
  return site;
}

Map settle_request(const Test& test, const SshOptions& options, const SshSite& site, NodeId node) {
  Map request;
  request["do"] = "settle";
  request["node"] = std::int64_t{node.index} + 1;
  List addresses;
  for (const std::string& address : site.addresses) addresses.emplace_back(address);
  request["addresses"] = std::move(addresses);
  List spared;  // all servers' ports: a controller may run on one of the nodes
  for (const SshHost& host : options.hosts) spared.emplace_back(std::int64_t{host.port});
  request["spared"] = std::move(spared);
  List ports;
  for (std::uint16_t port : ports_of(test.system, ssh_node_port)) {
    ports.emplace_back(std::int64_t{port});
  }
  request["client_ports"] = List{ports.front()};
  request["ports"] = std::move(ports);
  request["packets"] = options.packets;
  request["boot"] = boot_id();
  request["names"] = test.needs(Ability::names);
  request["disks"] = has_disks(test, options);
  request["groups"] = test.needs(Ability::resources) || test.needs(Ability::freezer);
  request["seed"] = static_cast<std::int64_t>(test.seed >> 1);
  return request;
}

Map folder_request(const Test& test, const SshSite& site, NodeId node) {
  Map request;
  request["do"] = "folder";
  request["user"] = std::int64_t{unprivileged_user};
  const std::string& program = site.disks[static_cast<std::size_t>(node.index)];
  if (program.empty()) return request;
  Map disk;
  disk["program"] = program;
  std::uint64_t seed =
      draw(test.seed, Stream::of("disk"), static_cast<std::uint64_t>(node.index));
  disk["seed"] = static_cast<std::int64_t>(seed >> 1);
  request["disk"] = std::move(disk);
  return request;
}

ServicePlace place_of(const Test& test, const SshSite& site, NodeId self,
                      const std::string& folder) {
  ServicePlace place;
  place.self = self;
  for (std::size_t i = 0; i < site.addresses.size(); ++i) {
    place.addresses.emplace_back(NodeId::node(static_cast<std::int32_t>(i)), site.addresses[i]);
  }
  place.data_folder = folder + "/data";
  place.options = test.config.options;
  place.by_name = test.needs(Ability::names);
  return place;
}

Map start_request(const Test& test, const SshSite& site, NodeId node, const std::string& folder,
                  std::size_t boot, Version version) {
  bool other = version == Version::other;
  const SystemConfig& config = other ? test.other_version->config : test.config;
  std::vector<std::string> command;
  if (test.system.service) {
    ServicePlace place = place_of(test, site, node, folder);
    place.options = config.options;
    command = test.system.service->command(place);
  } else {
    command = reference_command(test, site, node, folder, boot, config);
    if (other) command.insert(command.end(), {"--called", std::string(to_string(version))});
  }
  command[0] = (other ? site.other_binaries : site.binaries)[static_cast<std::size_t>(node.index)];
  Map request;
  request["do"] = "start";
  List arguments;
  for (const std::string& argument : command) arguments.emplace_back(argument);
  request["command"] = std::move(arguments);
  Map environment;  // what programs other than ours may want to know
  environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  environment["HOME"] = folder;
  environment["LANG"] = "C.UTF-8";
  request["environment"] = std::move(environment);
  request["log"] = folder + "/node.log";
  request["folder"] = folder;
  request["data"] = folder + "/data";
  request["user"] = std::int64_t{unprivileged_user};
  return request;
}

std::string trace_name(std::size_t boot) {
  return boot == 0 ? "trace.jsonl" : "trace-" + std::to_string(boot) + ".jsonl";
}

Status fetch_files(const SshOptions& options, NodeId node, std::size_t boots) {
  const SshHost& host = options.hosts[static_cast<std::size_t>(node.index)];
  fs::path folder = options.run_folder / "nodes" / to_string(node);
  std::error_code failed;
  fs::create_directories(folder, failed);
  Result<std::unique_ptr<SshSession>> session = SshSession::open(host, connect_limit);
  if (!session) return session.error();
  std::vector<std::string> names = {"node.log", "disk.jsonl"};
  for (std::size_t boot = 0; boot < boots; ++boot) names.push_back(trace_name(boot));
  for (const std::string& name : names) {
    constexpr Duration limit = std::chrono::minutes(2);
    Status got = download(**session, host.folder + "/node/" + name, folder / name, true, limit);
    if (!got && got.error().code != Error::Code::not_found) return got;
  }
  return Done{};
}

}  // namespace sunder
