// Programs on a real mount whose power is cut: those known to be wrong are caught, and those that
// do it right are not.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <lmdb.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

#include "harness/core/rng.h"
#include "harness/crashfs/policy.h"
#include "tests/crashfs/support/mounted.h"
#include "tests/crashfs/support/subject.h"

namespace sunder::crashfs {
namespace {

namespace fs = std::filesystem;
using Done = Subject::Done;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  return std::move(all).str();
}

void write_file(const fs::path& file, std::string_view text, bool sync, int flags = O_TRUNC) {
  Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | flags | O_CLOEXEC, 0644));
  (void)!::write(out.get(), text.data(), text.size());
  if (sync) ::fsync(out.get());
}

void sync_folder(const fs::path& folder) {
  Descriptor open_folder(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ::fsync(open_folder.get());
}

/// The text of a configuration, long enough to be torn.
std::string settings(int version) {
  return std::string(6000, static_cast<char>('a' + version % 26)) + std::to_string(version);
}

/// Replaces a file by renaming a new one over it, version after version.
Subject replacer(std::string name, bool sync_file, bool sync_directory) {
  auto run = [=](const fs::path& folder, const Done& done) {
    for (int version = 1;; ++version) {
      write_file(folder / "new", settings(version), sync_file);
      ::rename((folder / "new").c_str(), (folder / "settings").c_str());
      if (sync_directory) sync_folder(folder);
      done();
    }
  };
  auto complaint = [](const fs::path& folder, int finished) -> std::string {
    if (!fs::exists(folder / "settings")) return finished == 0 ? "" : "the file is missing";
    std::string text = text_of(folder / "settings");
    for (int version = std::max(finished, 1); version < finished + 3; ++version) {
      if (text == settings(version)) return {};
    }
    return "the file has " + std::to_string(text.size()) + " bytes that are no new version";
  };
  return {std::move(name), run, complaint};
}

/// Makes file after file, each durable before it is told.
Subject maker(std::string name, bool sync_directory) {
  auto run = [=](const fs::path& folder, const Done& done) {
    for (int file = 0;; ++file) {
      write_file(folder / std::to_string(file), "content", true);
      if (sync_directory) sync_folder(folder);
      done();
    }
  };
  auto complaint = [](const fs::path& folder, int finished) -> std::string {
    for (int file = 0; file < finished; ++file) {
      if (text_of(folder / std::to_string(file)) != "content") {
        return "file " + std::to_string(file) + " is missing";
      }
    }
    return {};
  };
  return {std::move(name), run, complaint};
}

constexpr std::size_t record_size = 3000;

std::uint64_t sum_of(std::string_view bytes) {
  std::uint64_t sum = 14695981039346656037u;  // FNV-1a
  for (char byte : bytes) sum = (sum ^ static_cast<unsigned char>(byte)) * 1099511628211u;
  return sum;
}

std::string record(int number) {
  std::string body = std::to_string(number) + ":";
  body.resize(record_size - 16, static_cast<char>('a' + number % 26));
  std::string sum = std::to_string(sum_of(body));
  return "R" + sum.substr(0, 15) + std::string(15 - std::min<std::size_t>(sum.size(), 15), ' ') +
         body;
}

/// Appends records to a log and syncs each. A reader that believes a record because it is there in
/// full length is wrong; one that recomputes its sum cuts off the torn end.
Subject logger(std::string name, bool checks_sums) {
  auto run = [](const fs::path& folder, const Done& done) {
    write_file(folder / "log", "", true);
    sync_folder(folder);
    for (int number = 0;; ++number) {
      write_file(folder / "log", record(number), true, O_APPEND);
      done();
    }
  };
  auto complaint = [=](const fs::path& folder, int finished) -> std::string {
    std::string text = text_of(folder / "log");
    int number = 0;
    for (; text.size() >= record_size; ++number) {
      std::string one = text.substr(0, record_size);
      text.erase(0, record_size);
      std::string sum = std::to_string(sum_of(one.substr(16))).substr(0, 15);
      if (checks_sums && one.compare(1, sum.size(), sum) != 0) break;
      if (one != record(number)) return "record " + std::to_string(number) + " is damaged";
    }
    return number < finished ? "record " + std::to_string(number) + " is lost" : "";
  };
  return {std::move(name), run, complaint};
}

struct Found {
  int trial;
  std::string what;
};

/// Cuts the power of the program again and again, under all policies in turn.
std::optional<Found> torture(Mounted& disk, const Subject& subject, int trials) {
  for (int trial = 0; trial < trials; ++trial) {
    fs::path folder = disk.folder() / (subject.name + " " + std::to_string(trial));
    fs::create_directory(folder);
    disk.sync_everything();
    Rng rng(static_cast<std::uint64_t>(trial), Stream::of(subject.name));
    Program program([&](const Done& done) { subject.run(folder, done); });
    program.await(static_cast<int>(rng.below(12)));
    std::this_thread::sleep_for(std::chrono::microseconds(rng.below(3000)));
    int finished = program.kill();
    const std::vector<Policy>& policies = all_policies();
    Policy policy = policies[static_cast<std::size_t>(trial) % policies.size()];
    disk.crash(to_string(policy), static_cast<std::uint64_t>(trial));
    std::string what = subject.complaint(folder, finished);
    if (!what.empty()) return Found{trial, std::string(to_string(policy)) + ": " + what};
    fs::remove_all(folder);
  }
  return {};
}

class CrashedPrograms : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string why = why_no_mount(); !why.empty()) GTEST_SKIP() << why;
  }
  void expect_caught(const Subject& subject, int trials) {
    Mounted disk;
    std::optional<Found> found = torture(disk, subject, trials);
    ASSERT_TRUE(found) << subject.name << " was not caught in " << trials << " power cuts";
    RecordProperty("trial", found->trial);
    RecordProperty("what", found->what);
  }
  void expect_sound(const Subject& subject, int trials) {
    Mounted disk;
    std::optional<Found> found = torture(disk, subject, trials);
    EXPECT_FALSE(found) << subject.name << ", power cut " << found->trial << ": " << found->what;
  }
};

TEST_F(CrashedPrograms, RenameWithoutSyncIsCaught) {
  expect_caught(replacer("renames what is not synced", false, true), 40);
}
TEST_F(CrashedPrograms, MissingDirectorySyncIsCaught) {
  expect_caught(maker("syncs the file only", false), 40);
}
TEST_F(CrashedPrograms, MissingDirectorySyncAfterRenameIsCaught) {
  expect_caught(replacer("does not sync the rename", true, false), 40);
}
TEST_F(CrashedPrograms, TornRecordWithoutChecksumIsCaught) {
  expect_caught(logger("believes records", false), 200);
}
TEST_F(CrashedPrograms, SQLiteWithoutSyncsIsCaught) {
  expect_caught(sqlite("delete", "off", true), 40);
}
TEST_F(CrashedPrograms, LMDBWithoutSyncsIsCaught) {
  expect_caught(lmdb("LMDB without syncs", MDB_NOSYNC), 40);
}
// As SQLite says of it: FULL does not sync the folder after the journal is removed, EXTRA does.
TEST_F(CrashedPrograms, SQLiteThatDoesNotSyncTheEndOfItsJournalIsCaught) {
  expect_caught(sqlite("delete", "full", true), 40);
}

TEST_F(CrashedPrograms, SyncedRenamesSurvive) {
  expect_sound(replacer("replaces well", true, true), 160);
}
TEST_F(CrashedPrograms, SyncedFilesAndDirectoriesSurvive) {
  expect_sound(maker("makes well", true), 160);
}
TEST_F(CrashedPrograms, RecordsWithChecksumsSurvive) {
  expect_sound(logger("logs well", true), 200);
}
TEST_F(CrashedPrograms, SQLiteWithARollbackJournalSurvives) {
  expect_sound(sqlite("delete", "extra", true), 160);
}
TEST_F(CrashedPrograms, SQLiteThatMayForgetStaysConsistent) {
  expect_sound(sqlite("delete", "full", false), 160);
  expect_sound(sqlite("wal", "normal", false), 80);
}
TEST_F(CrashedPrograms, SQLiteWithATruncatedJournalSurvives) {
  expect_sound(sqlite("truncate", "full", true), 160);
}
TEST_F(CrashedPrograms, SQLiteWithAWriteAheadLogSurvives) {
  expect_sound(sqlite("wal", "full", true), 160);
}
TEST_F(CrashedPrograms, LMDBSurvives) {
  expect_sound(lmdb("LMDB", 0), 160);
}

}  // namespace
}  // namespace sunder::crashfs
