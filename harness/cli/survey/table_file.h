#pragma once
// The file that holds the tables of a survey, as Markdown.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/survey/survey.h"

namespace sunder::survey {

using Cells = std::vector<std::string>;

class TableFile {
 public:
  /// An error when the file is there and cannot be read. One that is not there has no rows.
  static Result<TableFile> read(const std::string& path);

  /// The row of a table that begins with these cells; null when there is none.
  const Cells* find(const Table& table, const Cells& beginning) const;
  /// Takes the rows of one system out of a table.
  void erase(const Table& table, const std::string& system);
  void add(const Table& table, Cells cells);
  /// The whole file, its systems in alphabetical order. `command` made it.
  std::string text(const std::string& command) const;

 private:
  std::map<std::string, std::vector<Cells>> rows_;  // by the table's title
};

}  // namespace sunder::survey
