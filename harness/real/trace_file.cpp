#include "harness/real/trace_file.h"

#include <fcntl.h>

#include <ctime>

#include "harness/core/value.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

void begin_line(std::string& out, NodeId node, std::int64_t host_time, std::string_view kind) {
  out += "{\"time\":" + std::to_string(host_time) + ",\"node\":\"" + to_string(node) +
         "\",\"event\":";
  append_json_string(out, kind);
}

void end_line(std::string& out, std::string_view text) {
  if (!text.empty()) {
    out += ",\"text\":";
    append_json_string(out, text);
  }
  out += "}\n";
}

}  // namespace

Result<TraceFile> TraceFile::open(const std::filesystem::path& path) {
  TraceFile trace;
  trace.file_ = Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!trace.file_) return system_error("open the trace file " + path.string());
  return trace;
}

void TraceFile::add(NodeId node, std::int64_t host_time, const Event& event) {
  if (!file_) return;
  begin_line(lines_, node, host_time, event.kind);
  for (const Event::Number& number : event.numbers) {
    if (number.name.empty()) continue;
    lines_ += ',';
    append_json_string(lines_, number.name);
    lines_ += ':' + std::to_string(number.number);
  }
  end_line(lines_, event.text);
}

void TraceFile::add_probe(NodeId node, std::int64_t host_time, std::string_view name) {
  if (!file_) return;
  begin_line(lines_, node, host_time, "probe");
  end_line(lines_, name);
}

void TraceFile::flush() {
  std::string_view rest = lines_;
  while (!rest.empty()) {
    ssize_t written = ::write(file_.get(), rest.data(), rest.size());
    if (written <= 0) break;  // a full disk costs evidence, never the node
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  lines_.clear();
}

std::int64_t host_nanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace sunder
