// Histories in JSON: one object a line, as Sunder writes them, or one array of objects.

#include "harness/core/json.h"
#include "harness/formats/draft.h"
#include "harness/formats/readers.h"

namespace sunder {
namespace {

constexpr std::string_view blanks = " \t\r\n";

bool is_blank(std::string_view text) {
  return text.find_first_not_of(blanks) == std::string_view::npos;
}

std::optional<TextError> read_object(std::string_view text, std::size_t offset,
                                     DraftCollector& collector) {
  JsonTrouble trouble;
  std::optional<Value> object = parse_json(text, trouble);
  if (!object) return TextError{offset + trouble.offset, trouble.what, trouble.at_end};
  std::size_t begin = offset + std::min(text.find_first_not_of(blanks), text.size());
  if (!object->is_map()) return TextError{begin, "an op must be an object", false};
  OpDraft draft;
  for (const auto& [key, value] : object->map()) {
    std::size_t* field = draft.field(key.text());
    if (field == nullptr) continue;
    *field = draft.bytes.size();
    encode(value, draft.bytes);
  }
  Status status = collector.add(draft);
  if (!status) return TextError{begin, status.error().context, false};
  return {};
}

// Where the JSON value that begins at `at` ends, by its brackets; the text's end when it does not.
std::size_t value_end(std::string_view text, std::size_t at) {
  int depth = 0;
  bool in_string = false;
  for (; at < text.size(); ++at) {
    char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (--depth <= 0) return depth < 0 ? at : at + 1;
    } else if (depth == 0 && c == ',') {
      return at;
    }
  }
  return text.size();
}

std::optional<TextError> read_array(std::string_view text, std::size_t at,
                                    DraftCollector& collector) {
  std::size_t began = at++;
  auto skip = [&] { at = std::min(text.find_first_not_of(blanks, at), text.size()); };
  skip();
  bool closed = at < text.size() && text[at] == ']';
  while (!closed) {
    if (at == text.size()) break;
    std::size_t end = value_end(text, at);
    if (auto error = read_object(text.substr(at, end - at), at, collector)) return error;
    at = end;
    skip();
    if (at == text.size()) break;
    closed = text[at] == ']';
    if (!closed && text[at] != ',') return TextError{at, "',' or ']' must follow an op", false};
    if (!closed) ++at;
    skip();
  }
  if (!closed) return TextError{began, "no ']' ends the array of ops that begins here", true};
  at = std::min(text.find_first_not_of(blanks, at + 1), text.size());
  if (at < text.size()) return TextError{at, "something follows the array of ops", false};
  return {};
}

// A last line without its newline may be torn; then it is left out.
std::optional<TextError> read_lines(std::string_view text, LoadedHistory& loaded,
                                    DraftCollector& collector) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = text.find('\n', at);
    bool whole = end != std::string_view::npos;
    if (!whole) end = text.size();
    std::string_view line = text.substr(at, end - at);
    if (!is_blank(line)) {
      std::optional<TextError> error = read_object(line, at, collector);
      if (error && (whole || !error->at_end)) return error;
      if (error) {
        loaded.truncated = true;
        loaded.notes.emplace_back(torn_note);
      }
    }
    at = end + 1;
  }
  return {};
}

}  // namespace

std::optional<TextError> read_json(std::string_view text, LoadedHistory& loaded) {
  DraftCollector collector(Format::jsonl);
  std::size_t first = text.find_first_not_of(blanks);
  bool array = first != std::string_view::npos && text[first] == '[';
  std::optional<TextError> error =
      array ? read_array(text, first, collector) : read_lines(text, loaded, collector);
  if (error) return error;
  loaded.history = collector.take(loaded.notes);
  return {};
}

}  // namespace sunder
