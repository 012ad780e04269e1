#pragma once
// What one node writes down of its own doings: one JSON object a line.

#include <filesystem>
#include <string>

#include "harness/api/runtime.h"
#include "harness/faultkit/descriptor.h"

namespace sunder {

/// {"time":ns,"node":"n1","event":"leader","term":3,"text":"..."}; the time is this host's
/// CLOCK_MONOTONIC, so that traces of its processes merge. Probes are events named "probe".
class TraceFile {
 public:
  TraceFile() = default;  // writes nothing
  /// Appends, so that a restarted node goes on in the same file.
  static Result<TraceFile> open(const std::filesystem::path& path);

  void add(NodeId node, std::int64_t host_time, const Event& event);
  void add_probe(NodeId node, std::int64_t host_time, std::string_view name);
  /// Hands the lines to the kernel: what was traced before a message left survives kill -9.
  void flush();

 private:
  Descriptor file_;
  std::string lines_;
};

/// This host's CLOCK_MONOTONIC in nanoseconds: one origin for all processes.
std::int64_t host_nanoseconds();

}  // namespace sunder
