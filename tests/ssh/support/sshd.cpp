#include "tests/ssh/support/sshd.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "harness/faultkit/interface.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

constexpr const char* server = "/usr/sbin/sshd";
// Of test_password, as "openssl passwd -6 -salt sunder" has it.
constexpr const char* password_hash =
    "$6$sunder$55XmjJpnH/xpoZChW.xGj3jcao0La9fZsF2D./ad8Cq0Fc6qYd"
    "Vb2Kz.9IF/uTnpaMlMAKKy6mG6N6xldFxrd1";

void end_with_parent(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Puts a changed copy over a file of /etc, for this process's mount namespace only.
bool cover(const fs::path& scratch, const std::string& name, const std::string& more, mode_t mode) {
  fs::path copy = scratch / name;
  std::ofstream(copy) << read_file("/etc/" + name) << more;
  ::chmod(copy.c_str(), mode);
  return ::mount(copy.c_str(), ("/etc/" + name).c_str(), nullptr, MS_BIND, nullptr) == 0;
}

std::string prepare() {
  if (!lab_place()) return "no namespaces here: " + lab_place().error().context;
  if (lab_place()->rootless) return "an SSH server needs root";
  if (::access(server, X_OK) != 0) return "openssh-server is not installed";
  if (::mount("tmpfs", "/run", "tmpfs", 0, "mode=755") != 0) return "cannot mount a /run";
  fs::create_directories("/run/sshd");
  fs::create_directories("/run/scratch");
  std::string users;
  std::string secrets;
  int id = 1234;
  for (const char* name : {test_user, plain_user}) {
    std::string number = std::to_string(id++);
    users.append(name).append(":x:" + number + ":" + number + "::/tmp:/bin/sh\n");
    secrets.append(name).append(":").append(password_hash).append(":20000:0:99999:7:::\n");
  }
  bool covered = cover("/run/scratch", "passwd", users, 0644) &&
                 cover("/run/scratch", "shadow", secrets, 0640);
  if (!covered) return "cannot make users in mounts of our own";
  std::string grant = test_user;
  grant.append(" ALL=(ALL) NOPASSWD: ALL\n");
  if (fs::exists("/etc/sudoers")) cover("/run/scratch", "sudoers", grant, 0440);
  return "";
}

bool listens(const std::string& address, std::uint16_t port) {
  int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &place.sin_addr);
  bool connected =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0;
  ::close(socket);
  return connected;
}

}  // namespace

const std::string& no_sshd_here() {
  static const std::string why = prepare();
  return why;
}

int run_program(const std::vector<std::string>& command) {
  pid_t parent = ::getpid();
  pid_t child = ::fork();
  if (child == 0) {
    end_with_parent(parent);
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    int nothing = ::open("/dev/null", O_RDWR);
    for (int stream : {0, 1, 2}) ::dup2(nothing, stream);
    ::execvp(words[0], words.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

namespace {

bool make_key(const fs::path& path, const std::string& type, const std::string& passphrase) {
  std::vector<std::string> command;
  for (const char* word : {"ssh-keygen", "-q", "-t"}) command.emplace_back(word);
  command.push_back(type);
  command.emplace_back("-N");
  command.push_back(passphrase);
  command.emplace_back("-f");
  command.push_back(path.string());
  return run_program(command) == 0;
}

bool make_keys(const fs::path& folder) {
  bool made = make_key(folder / "rsa", "rsa", "");
  made = made && make_key(folder / "locked", "ed25519", "secret");
  for (const char* name : {"host_key", "ed25519", "stranger"}) {
    made = made && make_key(folder / name, "ed25519", "");
  }
  return made;
}

}  // namespace

const fs::path& test_keys() {
  static const TemporaryFolder folder;
  static const bool made = make_keys(folder.path());
  (void)made;
  return folder.path();
}

Sshd::Sshd(Place place) : place_(std::move(place)) {
  std::ofstream keys(folder_.path() / "authorized_keys");
  for (const char* name : {"ed25519", "rsa", "locked"}) {
    keys << read_file(test_keys() / (std::string(name) + ".pub"));
  }
  write_configuration();
  start();
}

Sshd::~Sshd() { stop(); }

void Sshd::write_configuration() const {
  std::ofstream file(folder_.path() / "sshd_config");
  file << "ListenAddress " << place_.address << "\nPort " << place_.port << "\nHostKey "
       << (test_keys() / "host_key").string() << "\nAuthorizedKeysFile "
       << (folder_.path() / "authorized_keys").string()
       << "\nStrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin prohibit-password\n"
          "MaxStartups 100\nMaxSessions 50\n";
}

void Sshd::start() {
  std::array<int, 2> ready{};
  std::array<int, 2> linked{};
  if (::pipe2(ready.data(), O_CLOEXEC) != 0 || ::pipe2(linked.data(), O_CLOEXEC) != 0) return;
  pid_t parent = ::getpid();
  pid_t child = ::fork();
  if (child == 0) {
    end_with_parent(parent);
    ::setsid();
    char token = 'x';
    if (place_.host > 0) {
      if (::unshare(CLONE_NEWNET) != 0) ::_exit(1);
      (void)!::write(ready[1], &token, 1);
      (void)!::read(linked[0], &token, 1);
      auto port = static_cast<std::uint8_t>(place_.host);
      bool up = bring_up("lo") && turn_offloads_off("eth0") &&
                configure_port("eth0", port, static_cast<std::uint8_t>(place_.hosts), 254);
      if (!up) ::_exit(1);
    }
    std::string config = folder_.path() / "sshd_config";
    std::string log = folder_.path() / "sshd.log";
    ::execl(server, server, "-D", "-E", log.c_str(), "-f", config.c_str(), nullptr);
    ::_exit(127);
  }
  pid_ = child;
  char token = 'x';
  ::close(ready[1]);
  if (place_.host > 0) {
    (void)!::read(ready[0], &token, 1);
    std::string port = "port" + std::to_string(place_.host);
    bool linked_up = create_veth(port, "eth0", child) && bring_up(port);
    (void)!::write(linked[1], linked_up ? "y" : "n", 1);
  }
  for (int end : {ready[0], linked[0], linked[1]}) ::close(end);
  if (place_.host > 0) return;  // reachable once a switch stands
  for (int i = 0; i < 200 && !listens(place_.address, place_.port); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void Sshd::stop() {
  if (pid_ <= 0) return;
  // The session's group: the server and what it forked for connections.
  ::kill(-pid_, SIGKILL);
  ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  if (place_.host > 0) return;
  // A fork of the server may hold its socket for a moment longer.
  for (int i = 0; i < 200 && listens(place_.address, place_.port); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

SshHost Sshd::host() const {
  SshHost host;
  host.name = place_.host > 0 ? "n" + std::to_string(place_.host) : "here";
  host.address = place_.address;
  host.port = place_.port;
  host.user = "root";
  host.keys = {test_keys() / "ed25519"};
  host.keys_only = true;
  host.key_check = SshHost::KeyCheck::accept_new;
  host.known_hosts = {folder_.path() / "known_hosts"};
  return host;
}

}  // namespace sunder
