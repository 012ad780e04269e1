#include <arpa/inet.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "harness/agent/limits/limit.h"
#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/local_ports.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

// The one port that is left, and that we hold ourselves, is one of these: systems use them for
// themselves in no way, though a connection of theirs may have been given one.
constexpr std::uint16_t last_port = 60999;
constexpr std::uint16_t last_port_least = 60900;
constexpr std::uint16_t nobodys_port = 9;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// "" when it got as far as to be sent.
std::string try_to_connect() {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(nobodys_port);
  bool done = socket && ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                                  sizeof address) == 0;
  bool sent = done || errno == ECONNREFUSED;
  return sent ? "" : std::string("connect: ") + std::strerror(errno);
}

class PortsLimit final : public Limit {
 public:
  explicit PortsLimit(LimitScene& scene) : scene_(scene) {}

  Status impose(std::int64_t) override {
    if (ports_) return Done{};
    Result<LocalPorts> ports = LocalPorts::open(scene_.proc.get());
    if (!ports) return ports.error();
    Result<std::string> usual = ports->read();
    if (!usual) return usual.error();
    if (Status noted = note(*usual); !noted) return noted;
    usual_ = *usual;
    ports_.emplace(*std::move(ports));
    Result<std::string> last = hold_a_port();
    return last ? ports_->write(*last + " " + *last) : last.error();
  }
  Status lift() override {
    holder_.reset();
    if (!ports_) return Done{};
    if (Status set = ports_->write(usual_); !set) return set;
    ports_.reset();
    return scene_.journal != nullptr ? scene_.journal->undone(UndoJournal::ports) : Done{};
  }
  Reading read() override { return {ports_ ? 0 : -1, 0, 0, try_to_connect()}; }

 private:
  Status note(const std::string& usual) const {
    return scene_.journal != nullptr ? scene_.journal->will(UndoJournal::ports, usual) : Done{};
  }

  Result<std::string> hold_a_port() {
    for (std::uint16_t port = last_port; port >= last_port_least; --port) {
      holder_ = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      sockaddr_in address = loopback(port);
      address.sin_addr.s_addr = htonl(INADDR_ANY);
      if (::bind(holder_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        return std::to_string(port);
      }
    }
    return system_error("take the last local port");
  }

  LimitScene& scene_;
  std::optional<LocalPorts> ports_;  // while they are, or are about to be, scarce
  Descriptor holder_;
  std::string usual_;
};

}  // namespace

std::unique_ptr<Limit> ports_limit(LimitScene& scene) {
  return std::make_unique<PortsLimit>(scene);
}

}  // namespace sunder
