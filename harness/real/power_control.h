#pragma once
// Nodes that are whole machines, whose power can be cut.

#include <functional>
#include <string>

#include "harness/core/node_id.h"
#include "harness/core/result.h"
#include "harness/core/value.h"

namespace sunder {

/// Lives on the loop's thread; `done` is called there, once.
class PowerControl {
 public:
  virtual ~PowerControl() = default;
  /// From the moment that its power is to be cut until it can be asked again.
  virtual bool is_off(NodeId node) const = 0;
  /// The kernel's name of the boot that the machine is in, or was before it was cut off.
  virtual std::string boot(NodeId node) const = 0;
  /// What was done, for the history. Of a machine that is off: an Error.
  virtual void cut(NodeId node, std::function<void(Result<Value>)> done) = 0;
  /// The requests by which a node is to be started from then on, as the usual version and as the
  /// test's other one, if there is one.
  struct Restart {
    Map usual;
    Map other;
  };
  /// Starts a machine that is off and waits until its agent answers.
  virtual void restore(NodeId node, std::function<void(Result<Restart>)> done) = 0;
};

}  // namespace sunder
