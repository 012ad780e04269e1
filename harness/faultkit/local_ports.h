#pragma once
// The ports from which connections are made, in the caller's network namespace.

#include <string>

#include "harness/core/result.h"
#include "harness/faultkit/descriptor.h"

namespace sunder {

/// The first and the last of them, as text: "32768 60999".
class LocalPorts {
 public:
  /// `proc`: /proc, held open where it can be written to. The kernel takes the namespace of whoever
  /// opens the file.
  static Result<LocalPorts> open(int proc);
  Result<std::string> read() const;
  Status write(const std::string& range) const;

 private:
  explicit LocalPorts(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace sunder
