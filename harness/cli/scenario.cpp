#include "harness/cli/scenario.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "harness/core/json.h"

namespace sunder {
namespace {

Error malformed(const std::string& place, const std::string& what) {
  return Error{Error::Code::malformed, place + ": " + what};
}

/// The lines on which the entries of a list and their keys stand; an entry's own is under "".
/// REQUIRES: the text is JSON.
std::vector<std::map<std::string, int>> lines_of(std::string_view text) {
  std::vector<std::map<std::string, int>> entries;
  int line = 1;
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '\n') ++line;
    if (c == '{' && depth == 1) entries.push_back({{"", line}});
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    std::size_t end = at + 1;
    while (text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    std::size_t next = text.find_first_not_of(" \t\r\n", end + 1);
    bool key = depth == 2 && !entries.empty() && next != text.npos && text[next] == ':';
    if (key) entries.back()[std::string(text.substr(at + 1, end - at - 1))] = line;
    at = end;
  }
  return entries;
}

/// A number or a text, as a command line would have it.
std::optional<std::string> word_of(const Value& value) {
  if (value.is_text()) return value.text();
  if (value.is_integer()) return std::to_string(value.integer());
  if (value.kind() == Value::Kind::boolean) return value.boolean() ? "true" : "false";
  return {};
}

/// Reads the fields of one entry; the first thing that is wrong is kept.
class EntryReader {
 public:
  EntryReader(std::string file, const Map& map, const std::map<std::string, int>& lines)
      : map_(map) {
    entry_.file = std::move(file);
    entry_.lines = lines;
  }

  Result<ScenarioEntry> read() {
    ScenarioEntry& entry = entry_;
    entry.at = duration("at", true);
    const Value* fault = find("fault");
    if (fault == nullptr || !fault->is_text()) {
      wrong("fault", "an entry names its \"fault\", such as \"kill\"");
    } else {
      entry.fault = fault->text();
    }
    read_targets(entry);
    entry.length = duration("for", false);
    read_set(entry);
    for (const MapEntry& field : map_) {
      static constexpr std::array<std::string_view, 5> known = {"at", "fault", "targets", "for",
                                                                "set"};
      const std::string& key = field.key.text();
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      wrong(key, "unknown key \"" + key + "\"; " +
                     suggest(key, {known.begin(), known.end()}));
    }
    if (error_) return *error_;
    return entry;
  }

 private:
  const Value* find(std::string_view key) const { return map_.find(key); }
  void wrong(const std::string& key, const std::string& what) {
    if (!error_) error_ = malformed(entry_.place(key), what);
  }

  Duration duration(const std::string& key, bool required) {
    const Value* found = find(key);
    if (found == nullptr) {
      if (required) wrong(key, "an entry says when: \"" + key + "\", such as \"5s\"");
      return Duration{0};
    }
    std::optional<std::string> word = word_of(*found);
    Result<Duration> parsed = parse_duration(word ? *word : "");
    if (!parsed) wrong(key, "\"" + key + "\": " + parsed.error().context);
    if (parsed && key == "for" && parsed->count() == 0) wrong(key, "\"for\" must be more than 0s");
    return parsed ? *parsed : Duration{0};
  }

  void read_targets(ScenarioEntry& entry) {
    const Value* targets = find("targets");
    if (targets == nullptr) return;
    if (targets->is_text()) {
      entry.targets = targets->text();
      return;
    }
    if (!targets->is_list() || targets->list().empty()) {
      return wrong("targets", "\"targets\" is a text such as \"leader\", or a list of nodes");
    }
    entry.named_nodes = true;
    for (const Value& name : targets->list()) {
      std::optional<NodeId> node = name.is_text() ? parse_node_id(name.text()) : std::nullopt;
      if (!node || !node->is_node()) {
        return wrong("targets", "\"targets\" lists nodes such as \"n1\"");
      }
      entry.targets += (entry.targets.empty() ? "" : ",") + to_string(*node);
    }
  }

  void read_set(ScenarioEntry& entry) {
    const Value* set = find("set");
    if (set == nullptr) return;
    if (set->kind() != Value::Kind::map) {
      return wrong("set", "\"set\" is an object of the fault's options");
    }
    for (const MapEntry& option : set->map()) {
      std::optional<std::string> word = word_of(option.value);
      if (!word) return wrong("set", "option \"" + option.key.text() + "\" is no text or number");
      entry.set[option.key.text()] = *word;
    }
  }

  const Map& map_;
  ScenarioEntry entry_;
  std::optional<Error> error_;
};

// Two entries of one fault must not lie over each other: ending one would end the other.
Status apart(const std::vector<ScenarioEntry>& entries) {
  std::map<std::string, const ScenarioEntry*> last;
  for (const ScenarioEntry& entry : entries) {
    const ScenarioEntry*& before = last[entry.fault];
    if (before != nullptr && before->length.count() > 0 &&
        entry.at < before->at + before->length) {
      return malformed(entry.place(), "this '" + entry.fault + "' begins while the one of " +
                                        before->place() + " is still on");
    }
    before = &entry;
  }
  return Done{};
}

}  // namespace

std::string ScenarioEntry::place(const std::string& key) const {
  auto found = lines.find(key);
  if (found == lines.end()) found = lines.find("");
  return file + ": line " + std::to_string(found == lines.end() ? 1 : found->second);
}

Result<Scenario> Scenario::read(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) {
    return Error{Error::Code::not_found, "cannot read the scenario " + file};
  }
  std::ostringstream text;
  text << stream.rdbuf();
  return parse(text.str(), file);
}

Result<Scenario> Scenario::parse(const std::string& text, const std::string& file) {
  Result<Value> value = parse_json(text);
  if (!value) return malformed(file, value.error().context);
  if (!value->is_list() || value->list().empty()) {
    return malformed(file + ": line 1", "a scenario is a list of faults: [{\"at\": \"5s\", "
                                        "\"fault\": \"kill\", \"for\": \"3s\"}]");
  }
  std::vector<std::map<std::string, int>> lines = lines_of(text);
  Scenario scenario{.source = *value};
  for (std::size_t i = 0; i < value->list().size(); ++i) {
    const Value& one = value->list()[i];
    if (one.kind() != Value::Kind::map) {
      return malformed(file, "entry " + std::to_string(i + 1) + " of the scenario is no object");
    }
    static const std::map<std::string, int> unknown;
    Result<ScenarioEntry> entry =
        EntryReader(file, one.map(), i < lines.size() ? lines[i] : unknown).read();
    if (!entry) return entry.error();
    scenario.entries.push_back(*std::move(entry));
  }
  std::stable_sort(scenario.entries.begin(), scenario.entries.end(),
                   [](const ScenarioEntry& a, const ScenarioEntry& b) { return a.at < b.at; });
  if (Status fits = apart(scenario.entries); !fits) return fits.error();
  return scenario;
}

}  // namespace sunder
