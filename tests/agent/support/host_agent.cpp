#include "tests/agent/support/host_agent.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "harness/core/json.h"
#include "harness/faultkit/namespaces.h"

namespace sunder {
namespace {

pid_t parent_of(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(stat, text);
  pid_t parent = 0;
  std::sscanf(text.c_str() + std::min(text.rfind(')'), text.size()), ") %*c %d", &parent);
  return parent;
}

/// The agent detaches: this program ends once it serves.
bool serve(const std::string& folder, const std::string& seconds) {
  constexpr const char* program = SUNDER_BINARY_DIR "/sunder-agent";
  pid_t child = ::fork();
  if (child == 0) {
    ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
    ::execl(program, program, "serve", folder.c_str(), seconds.c_str(), nullptr);
    ::_exit(127);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string error_in(const Value& reply) {
  const Value* error = reply.find("error");
  return error != nullptr && error->is_text() ? error->text() : "";
}

Value error_reply(const std::string& why) {
  Map reply;
  reply["error"] = why;
  return reply;
}

}  // namespace

HostAgent::~HostAgent() {
  if (!socket_) return;
  Map quit;
  quit["do"] = "quit";
  (void)ask(std::move(quit));
}

std::string HostAgent::start(int patience_seconds) {
  if (!serve(folder().string(), std::to_string(patience_seconds))) return "no agent was started";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder() / "agent.sock").string().copy(address.sun_path, sizeof address.sun_path - 1);
  socket_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return "the agent cannot be reached";
  }
  timeval limit{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  reader_ = FrameReader();
  last_id_ = 0;
  Map hello;
  hello["do"] = "hello";
  hello["controller"] = "a test";
  return error_in(ask(std::move(hello)));
}

Value HostAgent::ask(Map request) {
  std::int64_t id = last_id_++;
  request["id"] = id;
  std::string frame;
  append_frame(frame, to_json(Value(std::move(request))));
  if (::send(socket_.get(), frame.data(), frame.size(), MSG_NOSIGNAL) < 0) {
    return error_reply("the agent is gone");
  }
  while (true) {
    while (std::optional<std::string> text = reader_.next()) {
      Result<Value> reply = parse_json(*text);
      if (reply && reply->find("id") != nullptr && *reply->find("id") == Value(id)) return *reply;
    }
    std::array<char, 4096> bytes;
    ssize_t size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (size <= 0) return error_reply("the agent does not answer");
    reader_.feed({bytes.data(), static_cast<std::size_t>(size)});
  }
}

std::string HostAgent::run_a_node(Map settle, Map make_folder) {
  settle["do"] = "settle";
  settle["node"] = 1;
  settle["addresses"] = List{"127.0.0.1"};
  std::string wrong = error_in(ask(std::move(settle)));
  make_folder["do"] = "folder";
  make_folder["user"] = std::int64_t{unprivileged_user};
  if (wrong.empty()) wrong = error_in(ask(std::move(make_folder)));
  Map node;
  node["do"] = "start";
  node["command"] = List{"sleep", "600"};
  node["folder"] = (folder() / "node").string();
  node["log"] = (folder() / "node" / "log").string();
  node["user"] = std::int64_t{unprivileged_user};
  Map environment;
  environment["PATH"] = "/usr/bin:/bin";
  node["environment"] = std::move(environment);
  if (!wrong.empty()) return wrong;
  Value started = ask(std::move(node));
  const Value* pid = started.find("pid");
  if (pid != nullptr) node_ = static_cast<pid_t>(pid->integer());
  return error_in(started);
}

void HostAgent::lease(std::int64_t milliseconds) {
  Map request;
  request["do"] = "lease";
  request["milliseconds"] = milliseconds;
  (void)ask(std::move(request));
}

pid_t HostAgent::pid() const { return node_ > 0 ? parent_of(node_) : 0; }

pid_t HostAgent::watchdog() const { return parent_of(pid()); }

bool HostAgent::gone() const {
  Descriptor lock(::open((folder() / "lock").c_str(), O_RDWR | O_CLOEXEC));
  return lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0;
}

}  // namespace sunder
