#pragma once
// The readers behind parse_history(), one a format.

#include <optional>
#include <string>
#include <string_view>

#include "harness/formats/edn.h"
#include "harness/formats/formats.h"

namespace sunder {

/// Each fills in the history, the notes and whether the tail was torn, or says what is wrong.
std::optional<TextError> read_edn(std::string_view text, LoadedHistory& loaded);
std::optional<TextError> read_json(std::string_view text, LoadedHistory& loaded);
std::optional<TextError> read_etcd_log(std::string_view text, LoadedHistory& loaded);
std::optional<TextError> read_porcupine_kv(std::string_view text, LoadedHistory& loaded);

/// Whether the text begins as such a file does.
bool begins_as_log(std::string_view text);
bool begins_as_porcupine_kv(std::string_view text);

inline constexpr std::string_view torn_note = "The last line is torn and was left out.";

/// "name:line:column: ", counted from 1, columns in bytes.
std::string place(std::string_view text, std::string_view name, std::size_t offset);

}  // namespace sunder
