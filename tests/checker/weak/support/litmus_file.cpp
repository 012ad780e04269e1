#include "tests/checker/weak/support/litmus_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "harness/core/assert.h"

namespace sunder::weak::support {
namespace {

std::string_view next_line(std::string_view& text) {
  std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return line;
}

bool take_line(LitmusFile& file, std::string_view line) {
  if (line.starts_with("# ")) {
    file.comment = line.substr(2);
    return true;
  }
  std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos) return false;
  std::string_view name = line.substr(0, colon);
  std::string value(line.substr(colon + 2));
  if (name == "history") {
    file.history = value;
  } else if (name == "separates") {
    std::size_t blank = value.find(' ');
    if (blank == std::string::npos) return false;
    file.separates.emplace_back(value.substr(0, blank), value.substr(blank + 1));
  } else if (name.ends_with("-violation") || name.ends_with("-read")) {
    file.explanations.emplace_back(name, value);
  } else {
    return find_model(name) != nullptr && file.verdicts.emplace(name, value).second;
  }
  return true;
}

}  // namespace

std::filesystem::path litmus_folder() {
  return std::filesystem::path(SUNDER_SOURCE_DIR) / "tests/testdata/histories/weak";
}

std::vector<LitmusFile> litmus_files() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(litmus_folder())) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<LitmusFile> files;
  for (const std::filesystem::path& path : paths) {
    std::ifstream stream(path);
    std::string text(std::istreambuf_iterator<char>(stream), {});
    Result<LitmusFile> file = parse_litmus_file(path, text);
    ASSERT_MSG(file, file.error().context);
    files.push_back(*std::move(file));
  }
  return files;
}

Result<LitmusFile> parse_litmus_file(const std::filesystem::path& path, std::string_view text) {
  LitmusFile file{.path = path};
  while (!text.empty()) {
    std::string_view line = next_line(text);
    if (take_line(file, line)) continue;
    return Error{Error::Code::malformed,
                 "cannot read '" + std::string(line) + "' of " + path.string()};
  }
  return file;
}

std::string to_text(const LitmusFile& file) {
  std::string text = "# " + file.comment + "\nhistory: " + file.history + "\n";
  for (const auto& [held, refuted] : file.separates) {
    text += "separates: " + held + " " + refuted + "\n";
  }
  for (const Model& model : models()) {
    auto verdict = file.verdicts.find(std::string(model.name));
    if (verdict == file.verdicts.end()) continue;
    text += verdict->first + ": " + verdict->second + "\n";
  }
  for (const auto& [name, told] : file.explanations) text += name + ": " + told + "\n";
  return text;
}

Verdicts verdicts_of(const LitmusFile& file) {
  Result<Litmus> litmus = parse_litmus(file.history);
  ASSERT_MSG(litmus, file.path.string());
  Result<Registers> registers = registers_of(*litmus);
  return registers ? verdicts_of(*registers) : 0;
}

}  // namespace sunder::weak::support
