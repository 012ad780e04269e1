#pragma once
// The project's rules about its own sources, as data and as functions of a file's text. What a
// formatter and a compiler can say is left to them.

#include <string>
#include <string_view>
#include <vector>

namespace sunder::tidy {

/// Which project files the files of a folder may include. The longest folder that begins a file's
/// path is the one that counts, so an exception is a row of its own.
struct IncludeRule {
  std::string_view folder;                    // "harness/api/", or one file
  std::vector<std::string_view> may_include;  // prefixes; "own" is a plug-in's own subfolder
  std::string_view reason;
};

/// A header of others that costs compile time or ties us to a library.
struct HeavyHeader {
  std::string_view prefix;                // "boost/asio"
  std::vector<std::string_view> allowed;  // prefixes of paths
  std::string_view instead;
};

/// A word of code that is not to be used: outside comments and strings, at word boundaries.
struct Ban {
  std::string_view word;
  std::vector<std::string_view> where;    // prefixes of paths; "" is everywhere
  std::vector<std::string_view> allowed;  // prefixes of paths
  std::string_view instead;               // the replacement, and why
};

const std::vector<IncludeRule>& include_rules();
const std::vector<HeavyHeader>& heavy_headers();
const std::vector<Ban>& bans();
/// Files that may hold mutable state of the process, each for a reason stated in the table.
const std::vector<std::string_view>& allowed_globals();

struct Source {
  std::string path;  // from the project's root, with slashes
  std::string text;
};

struct Complaint {
  std::string path;
  int line = 0;  // from 1; 0 is the file as a whole
  std::string what;
};
std::string to_string(const Complaint& complaint);

inline constexpr int columns_max = 100;
inline constexpr int lines_soft = 500;
inline constexpr int lines_max = 600;

/// The text with comments, and the insides of strings and characters, replaced by spaces; lines
/// stay where they are.
std::string code_of(std::string_view text);

std::vector<Complaint> check_lines(const Source& source);     // length, tabs, ends, words, size
std::vector<Complaint> check_includes(const Source& source);  // the table, heavy headers
std::vector<Complaint> check_bans(const Source& source);
std::vector<Complaint> check_globals(const Source& source);
std::vector<Complaint> check_header(const Source& source);  // #pragma once, no using namespace

/// All of the above that fit the kind of file.
std::vector<Complaint> check(const Source& source);

}  // namespace sunder::tidy
