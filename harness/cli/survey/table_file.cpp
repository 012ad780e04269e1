#include "harness/cli/survey/table_file.h"

#include <algorithm>
#include <filesystem>

#include "harness/store/run_directory.h"

namespace sunder::survey {
namespace {

/// The cells of a line "| a | b |"; empty when it is no such line.
Cells cells_of(std::string_view line) {
  Cells cells;
  if (!line.starts_with("| ") || !line.ends_with(" |")) return cells;
  line.remove_prefix(2);
  while (!line.empty()) {
    std::size_t end = line.find(" |");
    if (end == line.npos) return {};
    cells.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 3, line.size()));
  }
  return cells;
}

std::string line_of(const Cells& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

bool begins_with(const Cells& cells, const Cells& beginning) {
  return cells.size() >= beginning.size() &&
         std::equal(beginning.begin(), beginning.end(), cells.begin());
}

}  // namespace

Result<TableFile> TableFile::read(const std::string& path) {
  TableFile file;
  if (!std::filesystem::exists(path)) return file;
  Result<std::string> text = read_whole_file(path);
  if (!text) return text.error();
  std::string title;
  std::size_t rows = 0;  // of this table, its head and the line below included
  for (std::size_t at = 0; at < text->size();) {
    std::size_t end = std::min(text->find('\n', at), text->size());
    std::string_view line(text->data() + at, end - at);
    at = end + 1;
    if (line.starts_with("## ")) {
      title = line.substr(3);
      rows = 0;
      continue;
    }
    Cells cells = cells_of(line);
    if (!cells.empty() && ++rows > 2) file.rows_[title].push_back(std::move(cells));
  }
  return file;
}

const Cells* TableFile::find(const Table& table, const Cells& beginning) const {
  auto rows = rows_.find(table.title);
  if (rows == rows_.end()) return nullptr;
  auto found = std::find_if(rows->second.begin(), rows->second.end(),
                            [&](const Cells& cells) { return begins_with(cells, beginning); });
  return found == rows->second.end() ? nullptr : &*found;
}

void TableFile::erase(const Table& table, const std::string& system) {
  std::erase_if(rows_[table.title], [&](const Cells& cells) { return cells.front() == system; });
}

void TableFile::add(const Table& table, Cells cells) {
  rows_[table.title].push_back(std::move(cells));
}

std::string TableFile::text(const std::string& command) const {
  std::string text = "# What the bundled systems keep and break\n\nMade by `" + command +
                     "`, some systems and tables at a time (what they were made with stands in the "
                     "columns each and seeds; flaws and limits in runs of 30s); "
                     "`sunder survey --check nodes/README.md` runs the "
                     "seeds again that it names. `sunder list systems` and `sunder list flaws` say "
                     "what the systems are.\n";
  for (const Table& table : tables()) {
    auto rows = rows_.find(table.title);
    if (rows == rows_.end() || rows->second.empty()) continue;
    text += "\n## " + table.title + "\n\n" + table.introduction + "\n\n" + line_of(table.columns) +
            line_of(Cells(table.columns.size(), "---"));
    std::vector<Cells> sorted = rows->second;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Cells& a, const Cells& b) {
      return a.front() < b.front();
    });
    for (const Cells& cells : sorted) text += line_of(cells);
  }
  return text;
}

}  // namespace sunder::survey
