#include <sqlite3.h>

#include "tests/crashfs/support/subject.h"

namespace sunder::crashfs {
namespace {

namespace fs = std::filesystem;

class Database {
 public:
  explicit Database(const fs::path& file) {
    ::sqlite3_open(file.c_str(), &base_);
    ::sqlite3_busy_timeout(base_, 1000);
  }
  ~Database() { ::sqlite3_close(base_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  bool run(const std::string& text) {
    return ::sqlite3_exec(base_, text.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  /// The first field of the first row, or the error.
  std::string ask(const std::string& text) {
    std::string answer;
    auto take = [](void* out, int, char** fields, char**) {
      *static_cast<std::string*>(out) = fields[0] == nullptr ? "" : fields[0];
      return 0;
    };
    char* error = nullptr;
    if (::sqlite3_exec(base_, text.c_str(), take, &answer, &error) != SQLITE_OK) {
      answer = error == nullptr ? "failed" : error;
      ::sqlite3_free(error);
    }
    return answer;
  }

 private:
  sqlite3* base_ = nullptr;
};

std::string complaint_about(const fs::path& folder, int finished, bool promises) {
  if (!fs::exists(folder / "base")) return finished == 0 ? "" : "the database is missing";
  Database base(folder / "base");
  std::string check = base.ask("pragma integrity_check");
  if (check != "ok") return "integrity check: " + check;
  bool nothing_left = base.ask("select count(*) from sqlite_master") == "0";
  if (finished == 0 || (nothing_left && !promises)) return {};
  std::string count = base.ask("select count(*) from row");
  std::string total = base.ask("select count from total");
  if (count != total) return count + " rows, but a total of " + total;
  std::string last = std::to_string(finished - 1);
  if (promises && base.ask("select number from row where number = " + last) != last) {
    return "the acknowledged row " + last + " is lost";
  }
  return {};
}

}  // namespace

Subject sqlite(const std::string& journal, const std::string& synchronous, bool promises) {
  auto run = [=](const fs::path& folder, const Subject::Done& done) {
    Database base(folder / "base");
    base.run("pragma journal_mode=" + journal + "; pragma synchronous=" + synchronous +
             "; pragma wal_autocheckpoint=20; pragma cache_size=10");
    base.run("begin; create table row (number integer primary key, text text); "
             "create table total (count integer); insert into total values (0); commit");
    for (int number = 0;; ++number) {
      std::string act = "begin; update total set count = count + 1; insert into row values (" +
                        std::to_string(number) + ", hex(randomblob(3000)))";
      if (number % 5 == 4) act += "; update row set text = hex(randomblob(500))";
      if (base.run(act + "; commit")) done();
    }
  };
  auto complaint = [=](const fs::path& folder, int finished) {
    return complaint_about(folder, finished, promises);
  };
  return {"SQLite, journal " + journal + ", synchronous " + synchronous, run, complaint};
}

}  // namespace sunder::crashfs
