#include "harness/faultkit/local_ports.h"

#include <fcntl.h>

#include <array>

#include "harness/faultkit/system_error.h"

namespace sunder {

Result<LocalPorts> LocalPorts::open(int proc) {
  Descriptor file(::openat(proc, "sys/net/ipv4/ip_local_port_range", O_RDWR | O_CLOEXEC));
  if (!file) return system_error("read which local ports there are");
  return LocalPorts(std::move(file));
}

Result<std::string> LocalPorts::read() const {
  std::array<char, 64> text{};
  ssize_t size = ::pread(file_.get(), text.data(), text.size(), 0);
  if (size <= 0) return system_error("read which local ports there are");
  std::string range(text.data(), static_cast<std::size_t>(size));
  while (range.ends_with('\n')) range.pop_back();
  for (char& c : range) c = c == '\t' ? ' ' : c;
  return range;
}

Status LocalPorts::write(const std::string& range) const {
  if (::pwrite(file_.get(), range.data(), range.size(), 0) ==
      static_cast<ssize_t>(range.size())) {
    return Done{};
  }
  return system_error("set which local ports there are");
}

}  // namespace sunder
