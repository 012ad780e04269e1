#pragma once
// Histories in files: our own JSON lines, and EDN as Jepsen, Knossos and Elle write it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/history.h"
#include "harness/core/result.h"

namespace sunder {

enum class Format : std::uint8_t {
  detect,  // by the content, then by the file's extension
  jsonl,   // one JSON object a line, or one array of objects
  edn,     // one map a line, or one vector or list of maps
};
std::string_view to_string(Format format);
std::optional<Format> parse_format(std::string_view name);  // "detect", "jsonl", "edn"

struct LoadedHistory {
  History history;
  Format format = Format::jsonl;   // what it was read as
  std::vector<std::string> notes;  // what a person should know: torn tail, missing times ...
  bool truncated = false;          // the last line was torn and left out
};

/// Reads a history. Torn text after the last whole op is left out and noted, as a killed run leaves
/// it; anything else that cannot be read is an error that begins with file:line:column.
Result<LoadedHistory> load_history(const std::string& path, Format format = Format::detect);
/// The same from memory; `name` stands for the file in errors.
Result<LoadedHistory> parse_history(std::string_view text, std::string_view name,
                                    Format format = Format::detect);

/// Writes a history, one op a line, to a temporary name and renames it.
/// REQUIRES: format is not detect.
Status write_history(const std::string& path, const History& history, Format format);

/// Whether every client op's value is [key value], as the ops over independent keys are. A file
/// does not say it, so this is a guess: an invocation and its completion must have the same key,
/// and the arguments of a cas must be a pair of their own.
bool looks_keyed(const History& history);

}  // namespace sunder
