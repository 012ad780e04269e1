#include "tests/stores/support/local_service.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "harness/core/assert.h"

namespace sunder::testing {

namespace fs = std::filesystem;

bool installed(const Service& service) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/usr/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((fs::path(folder) / service.binary).c_str(), X_OK) == 0) return true;
  }
  return false;
}

namespace {

/// Whether nobody listens on a store's usual ports of this address (etcd: 2379 and 2380).
bool is_free(const std::string& address) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT(socket >= 0);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(2379);
  ::inet_pton(AF_INET, address.c_str(), &place.sin_addr);
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&place), sizeof place) == 0;
  ::close(socket);
  return bound;
}

/// The first two bytes after 127 come from the process number: tests may run side by side.
std::string free_network(int nodes) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    const int mixed = static_cast<int>(::getpid()) * 7 + attempt;
    const std::string network =
        "127." + std::to_string(64 + mixed / 250 % 128) + "." + std::to_string(mixed % 250) + ".";
    bool all_free = true;
    for (int node = 0; node < nodes; ++node) {
      all_free = all_free && is_free(network + std::to_string(node + 1));
    }
    if (all_free) return network;
  }
  ASSERT_MSG(false, "no free loopback addresses");
}

}  // namespace

LocalService::LocalService(const System& system, int nodes,
                           const std::map<std::string, std::string>& set)
    : service_(*system.service), processes_(index(nodes), 0) {
  Result<Options> options = Options::parse(system.options, set);
  ASSERT(options);
  std::string pattern = (fs::temp_directory_path() / "sunder-test-XXXXXX").string();
  ASSERT(::mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;

  const std::string network = free_network(nodes);
  std::vector<std::pair<NodeId, std::string>> addresses;
  for (int node = 0; node < nodes; ++node) {
    addresses.emplace_back(id(node), network + std::to_string(node + 1));
  }
  for (int node = 0; node < nodes; ++node) {
    const std::string data = folder_ + "/" + to_string(id(node));
    fs::create_directory(data);
    places_.push_back({id(node), addresses, data, *options});
    start(node);
  }
}

LocalService::~LocalService() {
  for (int node = 0; node < static_cast<int>(processes_.size()); ++node) kill(node);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void LocalService::start(int node) {
  ASSERT(processes_[index(node)] == 0);
  const std::vector<std::string> command = service_.command(places_[index(node)]);
  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  // A clean environment: settings of the caller (proxies above all) must not reach the store.
  std::string path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  char* environment[] = {path.data(), nullptr};

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  const std::string log = folder_ + "/" + to_string(id(node)) + ".log";
  for (int descriptor : {1, 2}) {
    posix_spawn_file_actions_addopen(&files, descriptor, log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     0600);
  }
  const int error = ::posix_spawnp(&processes_[index(node)], arguments[0], &files, nullptr,
                                   arguments.data(), environment);
  posix_spawn_file_actions_destroy(&files);
  ASSERT_MSG(error == 0, command[0]);
}

void LocalService::signal(int node, int number) {
  ASSERT(processes_[index(node)] > 0);
  ::kill(processes_[index(node)], number);
}

void LocalService::kill(int node) {
  pid_t& process = processes_[index(node)];
  if (process <= 0) return;
  ::kill(process, SIGKILL);
  ::waitpid(process, nullptr, 0);
  process = 0;
}

Result<NodeStatus> LocalService::status(int node, Duration time_limit) const {
  return service_.status(address(node), time_limit);
}

bool LocalService::await_ready(Duration time_limit) const {
  const auto deadline = std::chrono::steady_clock::now() + time_limit;
  for (int node = 0; node < static_cast<int>(processes_.size()); ++node) {
    while (true) {
      Result<NodeStatus> answer = status(node, std::chrono::seconds(1));
      if (answer && answer->ready) break;
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  return true;
}

std::unique_ptr<BlockingClient> LocalService::connect(int node) const {
  return service_.connect(places_[index(node)], id(node));
}

std::string LocalService::log(int node) const {
  std::ifstream file(folder_ + "/" + to_string(id(node)) + ".log");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace sunder::testing
