#pragma once
// The controller's side of the process that starts machines again when the controller is gone.

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/core/result.h"
#include "harness/faultkit/descriptor.h"

namespace sunder {

class PowerKeeper {
 public:
  /// Starts `agent` (sunder-agent) as the keeper; `command` and a machine's name start that.
  static Result<std::unique_ptr<PowerKeeper>> start(const std::filesystem::path& agent,
                                                    const std::vector<std::string>& command);
  /// Waits until all machines that are off have been started.
  ~PowerKeeper();
  PowerKeeper(const PowerKeeper&) = delete;
  PowerKeeper& operator=(const PowerKeeper&) = delete;

  /// To be called before a machine is switched off. An Error: nobody would start it again.
  Status will_be_off(const std::string& machine);
  Status is_on(const std::string& machine);

 private:
  PowerKeeper(pid_t process, Descriptor life) : process_(process), life_(std::move(life)) {}
  Status tell(const std::string& line);

  pid_t process_;
  Descriptor life_;  // the keeper reads from the other end
};

}  // namespace sunder
