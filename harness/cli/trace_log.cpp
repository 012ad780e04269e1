#include "harness/cli/trace_log.h"

namespace sunder {

void TraceLog::add(Instant time, NodeId node, const Event& event) {
  std::string line = "{\"time\":" + std::to_string(nanoseconds(time)) + ",\"node\":\"" +
                     to_string(node) + "\",\"event\":";
  append_json_string(line, event.kind);
  for (const Event::Number& number : event.numbers) {
    if (number.name.empty()) continue;
    line += ',';
    append_json_string(line, number.name);
    line += ':' + std::to_string(number.number);
  }
  if (!event.text.empty()) {
    line += ",\"text\":";
    append_json_string(line, event.text);
  }
  out_ << line << "}\n";
}

}  // namespace sunder
