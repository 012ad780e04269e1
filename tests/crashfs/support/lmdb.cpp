#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include <cstring>
#include <optional>

#include "harness/faultkit/descriptor.h"
#include "tests/crashfs/support/subject.h"

namespace sunder::crashfs {
namespace {

namespace fs = std::filesystem;

class Environment {
 public:
  Environment(const fs::path& folder, unsigned flags) {
    if (::mdb_env_create(&environment_) != 0) return;
    ::mdb_env_set_mapsize(environment_, std::size_t{16} << 20);
    error_ = ::mdb_env_open(environment_, folder.c_str(), flags, 0644);
  }
  ~Environment() { ::mdb_env_close(environment_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  std::string error() const { return error_ == 0 ? "" : ::mdb_strerror(error_); }

  /// One transaction: a row of that number, and the count of rows.
  bool insert(int number) {
    MDB_txn* act = nullptr;
    MDB_dbi table = 0;
    if (::mdb_txn_begin(environment_, nullptr, 0, &act) != 0) return false;
    std::string text(2500, static_cast<char>('a' + number % 26));
    bool done = ::mdb_dbi_open(act, nullptr, 0, &table) == 0 &&
                put(act, table, "row " + std::to_string(number), text) &&
                put(act, table, "count", std::to_string(number + 1));
    if (done) return ::mdb_txn_commit(act) == 0;
    ::mdb_txn_abort(act);
    return false;
  }

  /// What is wrong in the database, of which so many rows were acknowledged.
  std::string complaint(int finished) {
    MDB_txn* look = nullptr;
    MDB_dbi table = 0;
    if (int error = ::mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &look); error != 0) {
      return ::mdb_strerror(error);
    }
    std::string what;
    if (int error = ::mdb_dbi_open(look, nullptr, 0, &table); error != 0) {
      what = ::mdb_strerror(error);
    } else {
      what = complaint_in(look, table, finished);
    }
    ::mdb_txn_abort(look);
    return what;
  }

 private:
  static bool put(MDB_txn* act, MDB_dbi table, std::string key, std::string text) {
    MDB_val name{key.size(), key.data()};
    MDB_val value{text.size(), text.data()};
    return ::mdb_put(act, table, &name, &value, 0) == 0;
  }
  static std::optional<std::string> get(MDB_txn* look, MDB_dbi table, std::string key) {
    MDB_val name{key.size(), key.data()};
    MDB_val value{};
    if (::mdb_get(look, table, &name, &value) != 0) return {};
    return std::string(static_cast<const char*>(value.mv_data), value.mv_size);
  }
  static std::string complaint_in(MDB_txn* look, MDB_dbi table, int finished) {
    int rows = 0;
    for (;; ++rows) {
      std::optional<std::string> row = get(look, table, "row " + std::to_string(rows));
      if (!row) break;
      if (*row != std::string(2500, static_cast<char>('a' + rows % 26))) {
        return "row " + std::to_string(rows) + " is damaged";
      }
    }
    std::string count = get(look, table, "count").value_or("0");
    if (count != std::to_string(rows)) {
      return std::to_string(rows) + " rows, but a count of " + count;
    }
    return rows < finished ? "the acknowledged row " + std::to_string(rows) + " is lost" : "";
  }

  MDB_env* environment_ = nullptr;
  int error_ = 0;
};

}  // namespace

Subject lmdb(const std::string& name, unsigned flags) {
  auto run = [flags](const fs::path& folder, const Subject::Done& done) {
    Environment environment(folder, flags);
    // LMDB leaves it to its user that the names of its files are durable.
    Descriptor open_folder(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ::fsync(open_folder.get());
    for (int number = 0;; ++number) {
      if (environment.insert(number)) done();
    }
  };
  auto complaint = [](const fs::path& folder, int finished) -> std::string {
    if (finished == 0) return {};
    Environment environment(folder, 0);
    std::string error = environment.error();
    return error.empty() ? environment.complaint(finished) : error;
  };
  return {name, run, complaint};
}

}  // namespace sunder::crashfs
