#include "harness/real/lab/traces.h"

#include <algorithm>
#include <fstream>
#include <set>

#include "harness/core/json.h"
#include "harness/core/log.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

/// A parsed line. Names of events are views; a set of texts keeps what they view.
struct Line {
  Instant time;
  NodeId node;
  Event event;
};

class Reader {
 public:
  void read(const TraceSource& source) {
    std::ifstream file(source.file);
    for (std::string text; std::getline(file, text);) {
      Result<Value> value = parse_json(text);
      if (value && value->is_map()) add(value->map(), source.epoch);
    }
  }
  std::vector<Line> take() {
    std::stable_sort(lines_.begin(), lines_.end(),
                     [](const Line& a, const Line& b) { return a.time < b.time; });
    return std::move(lines_);
  }

 private:
  std::string_view keep(const std::string& text) { return *names_.insert(text).first; }

  void add(const Map& fields, std::int64_t epoch) {
    Line line;
    std::size_t numbers = 0;
    for (const auto& [key, value] : fields) {
      const std::string& name = key.text();
      if (name == "time" && value.is_integer()) {
        line.time = instant_at(value.integer() - epoch);
      } else if (name == "node" && value.is_text()) {
        line.node = parse_node_id(value.text()).value_or(NodeId{});
      } else if (name == "event" && value.is_text()) {
        line.event.kind = keep(value.text());
      } else if (name == "text" && value.is_text()) {
        line.event.text = value.text();
      } else if (value.is_integer() && numbers < line.event.numbers.size()) {
        line.event.numbers[numbers++] = {keep(name), value.integer()};
      }
    }
    if (!line.event.kind.empty()) lines_.push_back(std::move(line));
  }

  std::set<std::string> names_;
  std::vector<Line> lines_;
};

void append_line(std::string& out, const Line& line) {
  out += "{\"time\":" + std::to_string(nanoseconds(line.time)) + ",\"node\":\"" +
         to_string(line.node) + "\",\"event\":";
  append_json_string(out, line.event.kind);
  for (const Event::Number& number : line.event.numbers) {
    if (number.name.empty()) break;
    out += ',';
    append_json_string(out, number.name);
    out += ':' + std::to_string(number.number);
  }
  if (!line.event.text.empty()) {
    out += ",\"text\":";
    append_json_string(out, line.event.text);
  }
  out += "}\n";
}

}  // namespace

Result<MergedTraces> merge_traces(const std::vector<TraceSource>& sources,
                                  const std::filesystem::path& merged, const System& system) {
  Reader reader;
  for (const TraceSource& source : sources) reader.read(source);
  std::unique_ptr<Invariants> invariants;
  if (system.make_invariants) invariants = system.make_invariants();
  MergedTraces result;
  BrokenInvariants broken;
  std::ofstream out(merged, std::ios::trunc);
  std::string text;
  for (const Line& line : reader.take()) {
    ++result.events;
    text.clear();
    append_line(text, line);
    out << text;
    if (line.event.kind == "probe") {
      ++result.probes[line.event.text];
      continue;
    }
    constexpr std::array<std::string_view, 5> of_machines = {"killed", "terminated", "started",
                                                             "paused", "resumed"};
    bool lifecycle = std::find(of_machines.begin(), of_machines.end(), line.event.kind) !=
                     of_machines.end();
    if (invariants == nullptr || lifecycle) continue;
    ++result.watched;
    auto complaint = invariants->observe(line.node, line.time, line.event);
    if (complaint) broken.add(line.time, line.node, *std::move(complaint));
  }
  result.broken_invariants = broken.all();
  out.flush();
  if (!out) return system_error("write " + merged.string());
  return result;
}

void note_traces(Result<MergedTraces> traces, WorldRecord& record) {
  if (!traces) return log::error("the nodes' traces are lost: " + traces.error().context);
  record.broken_invariants = std::move(traces->broken_invariants);
  record.probes = std::move(traces->probes);
  if (traces->watched == 0) return;
  record.invariants_watched = "in all " + std::to_string(traces->watched) +
                              " events that the nodes traced, read after the run";
}

}  // namespace sunder
