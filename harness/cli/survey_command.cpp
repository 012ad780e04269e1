#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>

#include "harness/cli/commands.h"
#include "harness/cli/survey/table_file.h"
#include "harness/store/run_directory.h"

namespace sunder {
namespace {

using survey::Cells;
using survey::Row;
using survey::Scope;
using survey::Table;
using survey::TableFile;

Result<std::vector<const System*>> chosen_systems(const SurveyRequest& request,
                                                  const Catalogues& catalogues) {
  std::vector<const System*> chosen;
  for (const System& system : catalogues.systems.all()) {
    if (request.systems.empty() && !system.service) chosen.push_back(&system);
  }
  for (const std::string& name : request.systems) {
    const System* system = catalogues.systems.find(name);
    if (system == nullptr || system->service) {
      return Error{Error::Code::malformed, "no bundled system is called '" + name + "'; " +
                                               suggest(name, catalogues.systems.names())};
    }
    chosen.push_back(system);
  }
  return chosen;
}

Result<std::vector<const Table*>> chosen_tables(const SurveyRequest& request) {
  std::vector<const Table*> chosen;
  std::vector<std::string> names;
  for (const Table& table : survey::tables()) {
    names.push_back(table.name);
    // How fast it was once cannot be checked.
    bool usual = request.tables.empty() && (request.check.empty() || table.name != "speed");
    bool asked = std::find(request.tables.begin(), request.tables.end(), table.name) !=
                 request.tables.end();
    if (usual || asked) chosen.push_back(&table);
  }
  for (const std::string& name : request.tables) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return Error{Error::Code::malformed,
                   "unknown table '" + name + "'; " + suggest(name, names)};
    }
  }
  return chosen;
}

std::size_t seed_column(const Table& table) {
  auto found = std::find(table.columns.begin(), table.columns.end(), "seed");
  return static_cast<std::size_t>(found - table.columns.begin());
}

/// The seed that the file names for the row that begins with some cells.
std::optional<std::uint64_t> recorded_seed(const TableFile& file, const Table& table,
                                           const Cells& beginning) {
  const Cells* row = file.find(table, beginning);
  std::size_t column = seed_column(table);
  if (row == nullptr || column >= row->size()) return std::nullopt;
  const std::string& cell = (*row)[column];
  std::uint64_t seed = 0;
  auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), seed);
  bool whole = error == std::errc() && end == cell.data() + cell.size();
  return whole ? std::optional(seed) : std::nullopt;
}

void print_row(const Table& table, const Row& row) {
  std::string line = table.name + ":";
  for (const std::string& cell : row.cells) line += " " + (cell.empty() ? "-" : cell) + " |";
  line.resize(line.size() - 2);
  std::printf("%s%s\n", row.code == exit_valid ? "" : "NOT AS IT SHOULD BE ", line.c_str());
  std::fflush(stdout);
}

std::string command_of(const SurveyRequest& request) {
  return "sunder survey --write " + request.write;
}

/// Runs the survey; keeps the file up to date after each system, for it may take hours.
class Survey {
 public:
  Survey(const SurveyRequest& request, const Catalogues& catalogues, TableFile file)
      : request_(request), catalogues_(catalogues), file_(std::move(file)) {}

  ExitCode play(const std::vector<const System*>& systems,
                const std::vector<const Table*>& tables) {
    ExitCode code = exit_valid;
    for (const Table* table : tables) {
      for (const System* system : systems) {
        code = worse(code, one(*table, *system));
        if (request_.write.empty()) continue;
        Status written = write_whole_file(request_.write, file_.text(command_of(request_)));
        if (!written) return fail_with(written.error());
      }
    }
    return code;
  }

 private:
  ExitCode one(const Table& table, const System& system) {
    Scope scope{.catalogues = catalogues_,
                .seeds = request_.seeds,
                .jobs = request_.jobs};
    // A seed shows the same only in a run of the same length.
    bool says_length = std::find(table.columns.begin(), table.columns.end(), "each") !=
                       table.columns.end();
    if (says_length) scope.time_limit = request_.time_limit;
    if (!request_.check.empty() && seed_column(table) < table.columns.size()) {
      scope.recorded = [&](const Cells& cells) { return recorded_seed(file_, table, cells); };
    }
    std::vector<Row> rows;
    ExitCode code = exit_valid;
    table.rows(system, scope, [&](Row row) {
      print_row(table, row);
      code = worse(code, row.code);
      if (scope.recorded && file_.find(table, row.cells) == nullptr) {
        std::printf("  but %s says something else\n", request_.check.c_str());
        code = worse(code, exit_invalid);
      }
      rows.push_back(std::move(row));
    });
    if (request_.write.empty()) return code;
    file_.erase(table, system.name);
    for (Row& row : rows) file_.add(table, std::move(row.cells));
    return code;
  }

  const SurveyRequest& request_;
  const Catalogues& catalogues_;
  TableFile file_;
};

}  // namespace

ExitCode survey_command(const SurveyRequest& request) {
  Catalogues catalogues = all_catalogues();
  auto malformed = [](std::string what) {
    return fail_with(Error{Error::Code::malformed, std::move(what)});
  };
  if (request.seeds == 0) return malformed("--seeds must be at least 1");
  Result<Duration> limit = parse_duration(request.time_limit);
  if (!limit || limit->count() <= 0) {
    return malformed("--time-limit: not a duration: '" + request.time_limit + "'");
  }
  Result<std::vector<const System*>> systems = chosen_systems(request, catalogues);
  if (!systems) return fail_with(systems.error());
  Result<std::vector<const Table*>> tables = chosen_tables(request);
  if (!tables) return fail_with(tables.error());
  const std::string& path = request.check.empty() ? request.write : request.check;
  if (!request.check.empty() && !request.write.empty()) {
    return malformed("--check and --write exclude each other");
  }
  if (!request.check.empty() && !std::filesystem::exists(request.check)) {
    return malformed("--check: there is no file '" + request.check + "'");
  }
  Result<TableFile> file = TableFile::read(path);
  if (!file) return fail_with(file.error());
  return Survey(request, catalogues, *std::move(file)).play(*systems, *tables);
}

}  // namespace sunder
