#include "tests/ssh/support/host_state.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "harness/faultkit/control_group.h"
#include "harness/real/ssh/session.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Whether a group's name has the process that made it, and that is somebody else's.
bool is_of_others(const std::string& name, const HostNet& net) {
  pid_t owner = 0;
  std::sscanf(name.c_str(), "sunder-%d-", &owner);
  std::string command = text_of("/proc/" + std::to_string(owner) + "/cmdline");
  bool lives = owner > 0 && !command.empty() && name == ControlGroup::name_for(owner);
  std::vector<SshHost> hosts = net.hosts();
  return lives && std::none_of(hosts.begin(), hosts.end(), [&](const SshHost& host) {
    return command.find(host.folder) != std::string::npos;
  });
}

}  // namespace

std::set<std::string> groups_of(const HostNet& net) {
  std::set<std::string> found;
  Result<ControlGroupPlaces> places = find_control_groups();
  if (!places) return found;
  for (const auto& [controller, place] : *places) {
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator(place.folder, gone)) {
      std::string name = entry.path().filename();
      if (name.starts_with("sunder-") && !is_of_others(name, net)) found.insert(entry.path());
    }
  }
  return found;
}

std::string local_ports_of(const HostNet& net) {
  std::string all;
  for (const SshHost& host : net.hosts()) {
    auto session = SshSession::open(host, std::chrono::seconds(10));
    if (!session) return session.error().context;
    auto range =
        (*session)->output_of({.command = {"cat", "/proc/sys/net/ipv4/ip_local_port_range"}});
    all += range ? *range : range.error().context;
  }
  return all;
}

std::size_t around_disks_of(const HostNet& net) {
  std::vector<SshHost> hosts = net.hosts();
  auto concerns_one = [&](const std::string& text, const std::string& what) {
    return std::any_of(hosts.begin(), hosts.end(), [&](const SshHost& host) {
      return text.find(host.folder + what) != std::string::npos;
    });
  };
  std::size_t found = 0;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator("/proc", gone)) {
    bool around = concerns_one(text_of(entry.path() / "cmdline"), "/bin/sunder-crashfs") ||
                  concerns_one(text_of(entry.path() / "mountinfo"), "/node/data ");
    if (around) ++found;
  }
  return found;
}

std::string state_of(HostNet& net) {
  std::string all = local_ports_of(net);
  for (std::size_t host = 1; host <= net.hosts().size(); ++host) {
    all += net.ruleset(static_cast<int>(host));
  }
  for (const std::string& group : groups_of(net)) all += group + "\n";
  return all + std::to_string(around_disks_of(net)) + " around disks";
}

}  // namespace sunder
