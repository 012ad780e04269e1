#pragma once
// A child of the agent in the node's control group, which does there what is to be seen.

#include <functional>
#include <optional>
#include <string>

#include "harness/core/time.h"
#include "harness/faultkit/control_group.h"

namespace sunder {

class Helper {
 public:
  /// `work` runs in the child, inside the group; what it returns is the child's result.
  static Result<Helper> start(const ControlGroup& group, const std::function<std::string()>& work);
  Helper(Helper&&) = default;
  Helper& operator=(Helper&&) = default;
  ~Helper();  // ends the child

  /// The child's result. None: it has none within the patience, or ended without.
  std::optional<std::string> result(Duration patience);

 private:
  Helper(Descriptor process, Descriptor said)
      : process_(std::move(process)), said_(std::move(said)) {}
  Descriptor process_;
  Descriptor said_;
};

}  // namespace sunder
