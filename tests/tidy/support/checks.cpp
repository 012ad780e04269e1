// The rules that the tables feed.

#include <algorithm>
#include <cctype>

#include "tests/tidy/support/tidy.h"

namespace sunder::tidy {

namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return lines;
}

/// Calls visit(number, line) for every line, numbers from 1.
template <class Visit>
void each_line(std::string_view text, Visit visit) {
  int number = 0;
  for (std::string_view line : lines_of(text)) visit(++number, line);
}

bool in_any(std::string_view path, const std::vector<std::string_view>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return path.starts_with(prefix); });
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Whether the word stands in the line by itself: "rand(" is not in "operand(".
bool has_word(std::string_view line, std::string_view word) {
  for (std::size_t at = line.find(word); at != std::string_view::npos;
       at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool free_before = at == 0 || !is_word(line[at - 1]) || !is_word(word.front());
    const bool free_after = end == line.size() || !is_word(line[end]) || !is_word(word.back());
    if (free_before && free_after) return true;
  }
  return false;
}

/// A method or a member's function of that name is another one: cluster.system(), Foo::system().
/// std:: in front does not make it another.
bool is_call_of_other(std::string_view line, std::string_view word) {
  if (!word.ends_with('(')) return false;
  const std::size_t at = line.find(word);
  const std::string_view before = line.substr(0, at);
  if (before.ends_with("std::") || before.ends_with(" ::")) return false;
  return before.ends_with(".") || before.ends_with("->") || before.ends_with("::");
}

bool has_code(std::string_view path) { return path.ends_with(".cpp") || path.ends_with(".h"); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

/// nodes/raft.cpp and nodes/raft/log.cpp both own nodes/raft/.
std::string own_folder(std::string_view path) {
  const std::size_t first = path.find('/');
  const std::size_t end = path.find_first_of("/.", first + 1);
  return std::string(path.substr(0, end)) + "/";
}

const IncludeRule* rule_of(std::string_view path) {
  const IncludeRule* best = nullptr;
  for (const IncludeRule& rule : include_rules()) {
    const bool fits = path.starts_with(rule.folder);
    if (fits && (best == nullptr || rule.folder.size() > best->folder.size())) best = &rule;
  }
  return best;
}

std::string check_project_include(std::string_view path, std::string_view included) {
  const IncludeRule* rule = rule_of(path);
  if (rule == nullptr) return "no row of the include table fits this file";
  for (std::string_view allowed : rule->may_include) {
    if (allowed == "own" ? included.starts_with(own_folder(path)) : included.starts_with(allowed)) {
      return {};
    }
  }
  return "must not include \"" + std::string(included) + "\": " + std::string(rule->reason);
}

std::string check_foreign_include(std::string_view path, std::string_view included) {
  for (const HeavyHeader& header : heavy_headers()) {
    if (!included.starts_with(header.prefix) || in_any(path, header.allowed)) continue;
    return "must not include <" + std::string(included) +
           ">; instead: " + std::string(header.instead);
  }
  return {};
}

/// A definition of a variable that can change: at namespace scope, which our layout does not
/// indent, or static within a function. Cheap, so it looks at single lines only.
bool is_mutable_global(std::string_view line) {
  const bool indented = line.starts_with(" ");
  const std::string_view text = trimmed(line);
  const std::size_t end = text.find_first_of("=;{(");
  if (end == std::string_view::npos || text[end] == '(') return false;
  const std::string_view declaration = text.substr(0, end);
  if (declaration.ends_with("operator")) return false;
  if (has_word(declaration, "const") || has_word(declaration, "constexpr")) return false;
  if (has_word(declaration, "thread_local")) return true;
  if (indented) return declaration.starts_with("static ");
  // `Type name = ...;`, `Type name{...};` or `Type name;`, and nothing that begins otherwise.
  static constexpr std::string_view others[] = {
      "using",  "class", "struct",   "enum",          "union",  "namespace", "template",
      "extern", "}",     "typedef",  "static_assert", "friend", "return",    "concept",
      "#",      ")",     "requires", "export",        "public", "private",   "protected"};
  for (std::string_view other : others) {
    if (declaration.starts_with(other)) return false;
  }
  // A type and a name; a single word would be an assignment.
  const std::size_t last = declaration.find_last_not_of(' ');
  return declaration.substr(0, last + 1).find(' ') != std::string_view::npos && line.ends_with(";");
}

}  // namespace

std::string to_string(const Complaint& complaint) {
  std::string text = complaint.path;
  if (complaint.line > 0) text += ":" + std::to_string(complaint.line);
  return text + ": " + complaint.what;
}

std::vector<Complaint> check_lines(const Source& source) {
  // Put together here, or this file would be the first to offend.
  static const std::vector<std::string> unfinished{
      std::string("TO") + "DO", std::string("FIX") + "ME", std::string("XX") + "X"};
  std::vector<Complaint> complaints;
  int count = 0;
  each_line(source.text, [&](int number, std::string_view line) {
    count = number;
    auto complain = [&](std::string what) {
      complaints.push_back({source.path, number, std::move(what)});
    };
    // Columns are characters: bytes that continue one in UTF-8 do not count.
    const auto columns = std::count_if(line.begin(), line.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    });
    if (columns > columns_max) {
      complain(std::to_string(columns) + " columns; the limit is " + std::to_string(columns_max));
    }
    if (line.find('\t') != std::string_view::npos) complain("a tab; two spaces indent");
    if (line.ends_with(" ") || line.ends_with("\r")) complain("white space at the end");
    for (const std::string& word : unfinished) {
      if (has_word(line, word)) complain("'" + word + "': finish it, or write an issue");
    }
  });
  if (has_code(source.path) && count > lines_max) {
    complaints.push_back({source.path, 0,
                          std::to_string(count) + " lines; the limit is " +
                              std::to_string(lines_max) + ": split by idea, not by size"});
  }
  if (!source.text.empty() && source.text.back() != '\n') {
    complaints.push_back({source.path, count, "no line end at the end of the file"});
  }
  return complaints;
}

std::vector<Complaint> check_includes(const Source& source) {
  std::vector<Complaint> complaints;
  const std::vector<std::string_view> lines = lines_of(source.text);
  const std::string code = code_of(source.text);
  each_line(code, [&](int number, std::string_view code_line) {
    // The code says that it is no comment; the name is blanked there, so it is read from the text.
    if (!trimmed(code_line).starts_with("#include")) return;
    const std::string_view line = lines[static_cast<std::size_t>(number - 1)];
    const std::size_t open = line.find_first_of("\"<");
    if (open == std::string_view::npos) return;
    const std::size_t close = line.find(line[open] == '<' ? '>' : '"', open + 1);
    if (close == std::string_view::npos) return;
    const std::string_view included = line.substr(open + 1, close - open - 1);
    std::string what = line[open] == '"' ? check_project_include(source.path, included)
                                         : check_foreign_include(source.path, included);
    if (!what.empty()) complaints.push_back({source.path, number, std::move(what)});
  });
  return complaints;
}

std::vector<Complaint> check_bans(const Source& source) {
  std::vector<Complaint> complaints;
  const std::string code = code_of(source.text);
  each_line(code, [&](int number, std::string_view line) {
    for (const Ban& ban : bans()) {
      if (line.find(ban.word) == std::string_view::npos) continue;
      if (!in_any(source.path, ban.where) || in_any(source.path, ban.allowed)) continue;
      if (!has_word(line, ban.word) || is_call_of_other(line, ban.word)) continue;
      complaints.push_back({source.path, number,
                            "'" + std::string(ban.word) +
                                "' is not used here; instead: " + std::string(ban.instead)});
    }
  });
  return complaints;
}

std::vector<Complaint> check_globals(const Source& source) {
  std::vector<Complaint> complaints;
  if (in_any(source.path, allowed_globals())) return complaints;
  const std::string code = code_of(source.text);
  each_line(code, [&](int number, std::string_view line) {
    if (!is_mutable_global(line)) return;
    complaints.push_back({source.path, number,
                          "a variable that outlives its scope and can change; instead: a member "
                          "of what main builds"});
  });
  return complaints;
}

std::vector<Complaint> check_header(const Source& source) {
  std::vector<Complaint> complaints;
  if (!source.text.starts_with("#pragma once\n")) {
    complaints.push_back({source.path, 1, "a header begins with #pragma once"});
  }
  const std::string code = code_of(source.text);
  each_line(code, [&](int number, std::string_view line) {
    if (has_word(line, "using namespace")) {
      complaints.push_back({source.path, number, "no using namespace in a header"});
    }
  });
  return complaints;
}

std::vector<Complaint> check(const Source& source) {
  std::vector<Complaint> all = check_lines(source);
  auto add = [&](std::vector<Complaint> more) { all.insert(all.end(), more.begin(), more.end()); };
  if (has_code(source.path)) {
    add(check_includes(source));
    add(check_bans(source));
    add(check_globals(source));
  }
  if (source.path.ends_with(".h")) add(check_header(source));
  return all;
}

}  // namespace sunder::tidy
