#include "harness/cli/binaries.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace sunder {

namespace fs = std::filesystem;

Result<std::string> sibling_binary(const std::string& name) {
  std::error_code error;
  fs::path self = fs::read_symlink("/proc/self/exe", error);
  fs::path path = self.parent_path() / name;
  if (!error && ::access(path.c_str(), X_OK) == 0) return path.string();
  return Error{Error::Code::environment,
               "cannot find " + name + " beside the controller (" + path.string() +
                   "); build the whole project, for example with ./quickstart.sh --build-only"};
}

Result<std::string> binary_on_path(const std::string& name) {
  const char* variable = std::getenv("PATH");
  std::string path = variable == nullptr ? "/usr/bin:/bin" : variable;
  path += ":/usr/sbin:/sbin";
  for (std::size_t at = 0; at < path.size();) {
    std::size_t end = std::min(path.find(':', at), path.size());
    fs::path candidate = fs::path(path.substr(at, end - at)) / name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate.string();
    at = end + 1;
  }
  return Error{Error::Code::not_found, "no program '" + name + "' on PATH"};
}

}  // namespace sunder
