#pragma once
// Histories with known verdicts: tests/testdata/histories/weak.

#include <filesystem>
#include <map>

#include "tests/checker/weak/support/litmus.h"
#include "tests/checker/weak/support/verdicts.h"

namespace sunder::weak::support {

/// A text of lines: `# what it shows`, `history: w(x1) | r(x0)`, some of `separates: A B` (A holds,
/// B is refuted, and no operation can be left out), then `model: holds` or `model: refuted` for
/// each model, then what the checker says of the weakest refuted ones: `model-violation: text`.
struct LitmusFile {
  std::filesystem::path path;
  std::string comment;
  std::string history;
  std::vector<std::pair<std::string, std::string>> separates;
  std::map<std::string, std::string> verdicts;  // by model
  std::vector<std::pair<std::string, std::string>> explanations;
};

std::filesystem::path litmus_folder();
/// In order of their names.
std::vector<LitmusFile> litmus_files();
/// An error names the line that cannot be read.
Result<LitmusFile> parse_litmus_file(const std::filesystem::path& path, std::string_view text);
std::string to_text(const LitmusFile& file);

/// By the definitions. A history whose reads returned what was not written keeps no model.
Verdicts verdicts_of(const LitmusFile& file);

}  // namespace sunder::weak::support
