#pragma once
// trace.jsonl: the events of nodes, one JSON object a line.

#include <filesystem>
#include <fstream>

#include "harness/api/runtime.h"

namespace sunder {

class TraceLog {
 public:
  explicit TraceLog(const std::filesystem::path& path) : out_(path) {}
  void add(Instant time, NodeId node, const Event& event);

 private:
  std::ofstream out_;
};

}  // namespace sunder
