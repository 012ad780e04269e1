#include "tests/ssh/support/host_net.h"

#include <unistd.h>

#include <thread>

#include "harness/faultkit/interface.h"
#include "harness/real/ssh/session.h"

namespace sunder {

HostNet::HostNet(int hosts) : wrong_(build(hosts)) {}

// Also before: the kernel may not be done with the end of a former net.
void HostNet::clear(int hosts) {
  remove_interface("lab0");
  for (int i = 1; i <= hosts; ++i) remove_interface("port" + std::to_string(i));
}

std::string HostNet::build(int hosts) {
  clear(hosts);
  Status made = create_veth("lab0", "lab0s", ::getpid());
  if (made) made = turn_offloads_off("lab0");
  if (made) made = bring_up("lab0s");
  if (made) {
    made = configure_port("lab0", controller_port, static_cast<std::uint8_t>(hosts),
                          controller_port);
  }
  if (!made) return made.error().context;
  Result<Descriptor> controller = open_packet_socket("lab0s");
  if (!controller) return controller.error().context;
  std::vector<Descriptor> ports;
  for (int i = 1; i <= hosts; ++i) {
    auto number = static_cast<std::uint8_t>(i);
    servers_.push_back(std::make_unique<Sshd>(
        Sshd::Place{address_of_port(number), 22, i, hosts}));
    Result<Descriptor> port = open_packet_socket("port" + std::to_string(i));
    if (!port) return port.error().context;
    ports.push_back(*std::move(port));
  }
  LinkTable table(static_cast<std::size_t>(hosts), LinkModel{}, 1);
  auto now = [] { return instant_at(std::chrono::steady_clock::now().time_since_epoch().count()); };
  switch_ = std::make_unique<Switch>(std::move(ports), *std::move(controller), std::move(table),
                                     now);
  for (const SshHost& host : this->hosts()) {
    bool answers = false;
    for (int i = 0; i < 20 && !answers; ++i) {
      if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
      answers = static_cast<bool>(SshSession::open(host, std::chrono::seconds(2)));
    }
    if (!answers) return host.name + " does not answer";
  }
  return "";
}

HostNet::~HostNet() {
  auto hosts = static_cast<int>(servers_.size());
  servers_.clear();
  switch_.reset();
  clear(hosts);
}

std::vector<SshHost> HostNet::hosts() const {
  std::vector<SshHost> all;
  for (const auto& server : servers_) {
    all.push_back(server->host());
    all.back().folder = server->folder() / "sunder";
  }
  return all;
}

std::string HostNet::ruleset(int host) {
  SshHost place = hosts()[static_cast<std::size_t>(host - 1)];
  auto session = SshSession::open(place, std::chrono::seconds(5));
  if (!session) return session.error().context;
  auto rules = (*session)->output_of({.command = {"/usr/sbin/nft", "list", "ruleset"}});
  return rules ? *rules : rules.error().context;
}

}  // namespace sunder
