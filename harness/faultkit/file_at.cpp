#include "harness/faultkit/file_at.h"

#include <fcntl.h>

#include <array>

#include "harness/faultkit/descriptor.h"

namespace sunder {

std::string read_at(int folder, const char* file) {
  Descriptor open(::openat(folder, file, O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t size; (size = ::read(open.get(), part.data(), part.size())) > 0;) {
    text.append(part.data(), static_cast<std::size_t>(size));
  }
  return text;
}

bool write_at(int folder, const char* file, const std::string& text) {
  Descriptor open(::openat(folder, file, O_WRONLY | O_CLOEXEC));
  return open &&
         ::write(open.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

}  // namespace sunder
