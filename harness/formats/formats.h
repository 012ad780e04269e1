#pragma once
// Histories in files: our own JSON lines, EDN as Jepsen, Knossos and Elle write it, and the logs
// and lines that Porcupine reads.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/history.h"
#include "harness/core/result.h"

namespace sunder {

enum class Format : std::uint8_t {
  detect,        // by the content, then by the file's extension
  jsonl,         // one JSON object a line, or one array of objects
  edn,           // one map a line, or one vector or list of maps
  etcd_log,      // Jepsen's log of a register: INFO  jepsen.util - 0 :invoke :read nil
  porcupine_kv,  // EDN, one map a line, with the key in a field of its own
};
std::string_view to_string(Format format);
std::optional<Format> parse_format(std::string_view name);
std::string format_names();  // all of them: "detect, jsonl, ..."

/// The datatype of a format that is used for one datatype only; else empty.
std::string_view usual_datatype(Format format);

struct LoadedHistory {
  History history;
  Format format = Format::jsonl;   // what it was read as
  std::vector<std::string> notes;  // what a person should know: torn tail, missing times ...
  bool truncated = false;          // the last line was torn and left out
  bool keyed = false;              // the format itself says that values are [key value]
};

/// Reads a history. Torn text after the last whole op is left out and noted, as a killed run leaves
/// it; anything else that cannot be read is an error that begins with file:line:column.
Result<LoadedHistory> load_history(const std::string& path, Format format = Format::detect);
/// The same from memory; `name` stands for the file in errors.
Result<LoadedHistory> parse_history(std::string_view text, std::string_view name,
                                    Format format = Format::detect);

/// Writes a history, one op a line, to a temporary name and renames it.
/// REQUIRES: format is jsonl or edn.
Status write_history(const std::string& path, const History& history, Format format);

/// Whether every client op's value is [key value], as the ops over independent keys are. A file
/// does not say it, so this is a guess: an invocation and its completion must have the same key,
/// and the arguments of a cas must be a pair of their own.
bool looks_keyed(const History& history);

}  // namespace sunder
