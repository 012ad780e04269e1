#include <arpa/inet.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include "harness/agent/limits/helper.h"
#include "harness/agent/limits/limit.h"

namespace sunder {
namespace {

constexpr Duration patience = std::chrono::milliseconds(500);
constexpr std::string_view was_set = "set";
constexpr std::string_view open_files = "Max open files";  // in /proc/PID/limits

/// Descriptors are numbers, and a limit bounds the number: the lowest that is free.
std::int64_t lowest_free(pid_t pid) {
  std::set<std::int64_t> open;
  std::error_code gone;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", gone)) {
    std::string name = entry.path().filename();
    std::int64_t number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    open.insert(number);
  }
  std::int64_t lowest = 0;
  while (open.contains(lowest)) ++lowest;
  return lowest;
}

/// The user that a process runs as.
std::optional<uid_t> user_of(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; status >> word;) {
    uid_t user = 0;
    if (word == "Uid:" && status >> user) return user;
  }
  return {};
}

/// As the process's own user, who may do this without any capability, unlike another one.
Status set_limit(const ControlGroup& group, pid_t pid, const rlimit& limit) {
  std::optional<uid_t> user = user_of(pid);
  if (!user) return Done{};  // it has ended
  Result<Helper> helper = Helper::start(group, [pid, limit, user = *user]() -> std::string {
    bool self = ::setgroups(0, nullptr) == 0 && ::setresgid(user, user, user) == 0 &&
                ::setresuid(user, user, user) == 0;
    if (self && ::prlimit(pid, RLIMIT_NOFILE, &limit, nullptr) == 0) return std::string(was_set);
    return std::strerror(errno);
  });
  if (!helper) return helper.error();
  std::string said = helper->result(patience).value_or("no answer");
  if (said == was_set) return Done{};
  return Error{Error::Code::environment,
               "cannot limit the descriptors of process " + std::to_string(pid) + ": " + said};
}

std::optional<rlimit> limit_of(pid_t pid) {
  std::ifstream limits("/proc/" + std::to_string(pid) + "/limits");
  for (std::string line; std::getline(limits, line);) {
    if (!line.starts_with(open_files)) continue;
    std::istringstream words(line.substr(open_files.size()));
    rlimit limit{};
    if (words >> limit.rlim_cur >> limit.rlim_max) return limit;
  }
  return {};
}

/// The inodes of the sockets that a process has open.
void add_sockets_of(pid_t pid, std::set<std::string>& sockets) {
  constexpr std::string_view prefix = "socket:[";
  std::error_code gone;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", gone)) {
    std::error_code closed;
    std::string what = std::filesystem::read_symlink(entry.path(), closed).string();
    if (!closed && what.starts_with(prefix)) {
      sockets.insert(what.substr(prefix.size(), what.size() - prefix.size() - 1));
    }
  }
}

struct Listener {
  sockaddr_in address{};
  std::int64_t waiting = 0;  // connections that nobody has taken
};

// Lines of /proc/net/tcp: "0: 0100007F:1B58 00000000:0000 0A 00000000:00000002 00:00000000 00000000
// 65534 0 4711 ...". Only of those processes: a host has other listeners, too.
std::vector<Listener> listeners_of(const std::vector<pid_t>& pids) {
  std::set<std::string> sockets;
  for (pid_t pid : pids) add_sockets_of(pid, sockets);
  constexpr const char* listening = "0A";
  std::vector<Listener> found;
  std::ifstream file("/proc/self/net/tcp");
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string number, local, remote, state, queues, timer, retransmits, user, timeouts, inode;
    words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >>
        timeouts >> inode;
    std::size_t colon = queues.find(':');
    if (state != listening || local.size() != 13 || colon == queues.npos) continue;
    if (!sockets.contains(inode)) continue;
    Listener listener;
    std::uint32_t address = 0;
    std::uint16_t port = 0;
    constexpr int hexadecimal = 16;
    std::from_chars(local.data(), local.data() + 8, address, hexadecimal);
    std::from_chars(local.data() + 9, local.data() + 13, port, hexadecimal);
    std::from_chars(queues.data() + colon + 1, queues.data() + queues.size(), listener.waiting,
                    hexadecimal);
    listener.address.sin_family = AF_INET;
    listener.address.sin_port = htons(port);
    listener.address.sin_addr.s_addr = address == 0 ? htonl(INADDR_LOOPBACK) : address;
    found.push_back(listener);
  }
  return found;
}

class DescriptorsLimit final : public Limit {
 public:
  explicit DescriptorsLimit(LimitScene& scene) : scene_(scene) {}

  Status impose(std::int64_t amount) override {
    for (pid_t pid : scene_.group.processes()) {
      std::optional<rlimit> usual = limit_of(pid);
      if (!usual) continue;
      rlimit scarce = *usual;
      scarce.rlim_cur = std::min(usual->rlim_cur, static_cast<rlim_t>(lowest_free(pid) + amount));
      if (Status set = set_limit(scene_.group, pid, scarce); !set) return set;
      usual_.try_emplace(pid, *usual);
    }
    if (!usual_.empty()) return Done{};
    return Error{Error::Code::refused, "the node has no process"};
  }
  Status lift() override {
    Status all = Done{};
    std::vector<pid_t> living = scene_.group.processes();
    for (const auto& [pid, usual] : usual_) {
      bool lives = std::find(living.begin(), living.end(), pid) != living.end();
      Status set = lives ? set_limit(scene_.group, pid, usual) : Status(Done{});
      if (!set) all = set;
    }
    if (all) usual_.clear();
    return all;
  }
  Status begin_trial() override {
    // Two for each port: a node that still may take one more cannot take the other.
    trials_.clear();
    for (const Listener& listener : listeners_of(scene_.group.processes())) {
      for (int i = 0; i < 2; ++i) {
        trials_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        (void)::connect(trials_.back().get(),
                        reinterpret_cast<const sockaddr*>(&listener.address),
                        sizeof listener.address);
      }
    }
    return Done{};
  }
  Reading read() override {
    Reading reading;
    for (pid_t pid : scene_.group.processes()) {
      std::optional<rlimit> now = limit_of(pid);
      if (!now) continue;
      auto soft = static_cast<std::int64_t>(now->rlim_cur);
      bool is_scarcest = usual_.contains(pid) && (reading.limit < 0 || soft < reading.limit);
      if (is_scarcest) reading = {soft, lowest_free(pid)};
    }
    for (const Listener& listener : listeners_of(scene_.group.processes())) {
      reading.refused += listener.waiting;
    }
    if (reading.refused > 0) reading.refusal = "accept: connections are not taken";
    trials_.clear();
    return reading;
  }

 private:
  LimitScene& scene_;
  std::map<pid_t, rlimit> usual_;
  std::vector<Descriptor> trials_;
};

}  // namespace

std::unique_ptr<Limit> descriptors_limit(LimitScene& scene) {
  return std::make_unique<DescriptorsLimit>(scene);
}

}  // namespace sunder
