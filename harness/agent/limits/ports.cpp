#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "harness/agent/limits/limit.h"
#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

// The one port that is left, and that we hold ourselves. Of those that systems use for themselves
// in no way.
constexpr std::uint16_t last_port = 60999;
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
    if (imposed_) return Done{};
    // The kernel takes the range of the network namespace of whoever opens the file.
    range_ = Descriptor(::openat(scene_.proc.get(), "sys/net/ipv4/ip_local_port_range",
                                 O_RDWR | O_CLOEXEC));
    std::array<char, 64> text{};
    ssize_t size = ::pread(range_.get(), text.data(), text.size(), 0);
    if (size <= 0) return system_error("read which local ports there are");
    usual_.assign(text.data(), static_cast<std::size_t>(size));
    holder_ = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(last_port);
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    if (::bind(holder_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      return system_error("take the last local port");
    }
    std::string one = std::to_string(last_port);
    if (Status set = write(one + " " + one); !set) return set;
    imposed_ = true;
    return Done{};
  }
  Status lift() override {
    holder_.reset();
    if (!imposed_) return Done{};
    imposed_ = false;
    return write(usual_);
  }
  Reading read() override { return {imposed_ ? 0 : -1, 0, 0, try_to_connect()}; }

 private:
  Status write(const std::string& text) {
    if (::pwrite(range_.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size())) {
      return Done{};
    }
    return system_error("set which local ports there are");
  }

  LimitScene& scene_;
  Descriptor range_;
  Descriptor holder_;
  std::string usual_;
  bool imposed_ = false;
};

}  // namespace

std::unique_ptr<Limit> ports_limit(LimitScene& scene) {
  return std::make_unique<PortsLimit>(scene);
}

}  // namespace sunder
