#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "harness/cli/binaries.h"
#include "harness/cli/commands.h"

namespace sunder {

ExitCode node_command(const std::vector<std::string>& arguments) {
  Result<std::string> binary = sibling_binary("sunder-node");
  if (!binary) return fail_with(binary.error());
  std::vector<char*> argv{const_cast<char*>(binary->c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(binary->c_str(), argv.data());
  std::string cause = std::strerror(errno);
  return fail_with(Error{Error::Code::environment, "cannot run " + *binary + ": " + cause});
}

}  // namespace sunder
