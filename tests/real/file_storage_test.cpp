#include "harness/real/file_storage.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/real/support/lab_place.h"

namespace sunder {
namespace {

std::unique_ptr<FileStorage> open_good(const std::filesystem::path& folder) {
  auto opened = FileStorage::open(folder);
  EXPECT_TRUE(opened) << (opened ? "" : opened.error().context);
  return opened ? *std::move(opened) : nullptr;
}

void write_some(const std::filesystem::path& folder, int records) {
  auto storage = open_good(folder);
  for (int i = 0; i < records; ++i) storage->append("record " + std::to_string(i));
  storage->put("term", "7");
  ASSERT_TRUE(storage->flush());
}

TEST(FileStorage, KeepsLogAndMapOverBoots) {
  TemporaryFolder folder;
  {
    auto storage = open_good(folder.path());
    for (int i = 0; i < 10; ++i) storage->append("record " + std::to_string(i));
    storage->truncate_from(8);
    storage->discard_before(3);
    storage->append("the new 8");
    storage->put("term", "1");
    storage->put("term", "2");
    storage->put("vote", "n1");
    storage->erase("vote");
    ASSERT_TRUE(storage->flush());
  }
  auto storage = open_good(folder.path());
  EXPECT_EQ(storage->log_begin(), 3u);
  EXPECT_EQ(storage->log_end(), 9u);
  EXPECT_EQ(storage->log_read(3), "record 3");
  EXPECT_EQ(storage->log_read(8), "the new 8");
  ASSERT_NE(storage->get("term"), nullptr);
  EXPECT_EQ(*storage->get("term"), "2");
  EXPECT_EQ(storage->get("vote"), nullptr);
}

TEST(FileStorage, DiscardPastTheEndEmptiesTheLog) {
  TemporaryFolder folder;
  {
    auto storage = open_good(folder.path());
    storage->append("old");
    storage->discard_before(50);
    storage->append("after the snapshot");
    ASSERT_TRUE(storage->flush());
  }
  auto storage = open_good(folder.path());
  EXPECT_EQ(storage->log_begin(), 50u);
  EXPECT_EQ(storage->log_read(50), "after the snapshot");
}

TEST(FileStorage, CutsATornRecordOffAtEveryLength) {
  TemporaryFolder folder;
  auto journal = folder.path() / "journal";
  write_some(folder.path(), 3);
  auto whole = std::filesystem::file_size(journal);
  std::uint64_t record = 24 + 1 + 8;  // header, kind, "record N"
  std::uint64_t term = whole - 3 * record;
  for (std::uint64_t cut = 1; cut < term; ++cut) {
    std::filesystem::resize_file(journal, whole - cut);
    {
      auto storage = open_good(folder.path());
      EXPECT_EQ(storage->cut_off(), term - cut);
      EXPECT_EQ(storage->log_end(), 3u);
      EXPECT_EQ(storage->get("term"), nullptr);
      storage->put("term", "7");
      ASSERT_TRUE(storage->flush());
    }
    ASSERT_EQ(std::filesystem::file_size(journal), whole);
  }
}

// Two records, a sync, two more; then byte `at` of the file is another one.
void damage(const std::filesystem::path& folder, std::streamoff at) {
  {
    auto storage = open_good(folder);
    for (int i = 0; i < 4; ++i) {
      storage->append("record " + std::to_string(i));
      ASSERT_TRUE(storage->flush());
      if (i != 1) continue;
      storage->sync_begins();
      storage->sync_ended();
    }
  }
  std::fstream file(folder / "journal", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(at);
  file.put('X');
}

TEST(FileStorage, ReportsDamageToWhatWasDurable) {
  TemporaryFolder folder;
  damage(folder.path(), 40);
  auto opened = FileStorage::open(folder.path());
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().context.find("damaged at byte 33"), std::string::npos)
      << opened.error().context;
}

TEST(FileStorage, AHoleInWhatWasNotSyncedIsLeftByAPowerCut) {
  TemporaryFolder folder;
  damage(folder.path(), 70);
  auto storage = open_good(folder.path());
  EXPECT_EQ(storage->log_end(), 2u);
  EXPECT_EQ(storage->cut_off(), 66u);
}

std::string why_refused(const std::filesystem::path& folder) {
  auto opened = FileStorage::open(folder);
  return opened ? "" : opened.error().context;
}

/// Three records, all of them durable.
void write_durably(const std::filesystem::path& folder) {
  auto storage = open_good(folder);
  for (int i = 0; i < 3; ++i) storage->append("record " + std::to_string(i));
  ASSERT_TRUE(storage->flush());
  storage->sync_begins();
  storage->sync_ended();
}

TEST(FileStorage, RefusesALastRecordThatIsDamagedOrGone) {
  TemporaryFolder whole;
  write_durably(whole.path());
  auto size = std::filesystem::file_size(whole.path() / "journal");
  for (std::uintmax_t at = 0; at < size; ++at) {
    TemporaryFolder folder;
    auto copy = folder.path() / "copy";
    std::filesystem::copy(whole.path(), copy);
    std::filesystem::resize_file(copy / "journal", at);
    EXPECT_NE(why_refused(copy).find("journal is damaged at byte"), std::string::npos) << at;
    std::filesystem::copy_file(whole.path() / "journal", copy / "journal",
                               std::filesystem::copy_options::overwrite_existing);
    std::fstream file(copy / "journal", std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    int byte = file.get();
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(byte ^ 0x10));
    file.close();
    EXPECT_NE(why_refused(copy).find("journal is damaged at byte"), std::string::npos) << at;
  }
  EXPECT_EQ(open_good(whole.path())->log_end(), 3u);
}

TEST(FileStorage, WithoutAMarkOrWithATornOneItKnowsLessAndRefusesNothing) {
  for (const char* how : {"gone", "empty", "half"}) {
    SCOPED_TRACE(how);
    TemporaryFolder folder;
    write_durably(folder.path());
    auto mark = folder.path() / "durable";
    if (how == std::string_view("gone")) std::filesystem::remove(mark);
    if (how == std::string_view("empty")) std::filesystem::resize_file(mark, 0);
    if (how == std::string_view("half")) std::filesystem::resize_file(mark, 16);
    EXPECT_EQ(open_good(folder.path())->log_end(), 3u);
  }
}

TEST(FileStorage, RefusesAMarkOfWhichNothingIsLegible) {
  TemporaryFolder folder;
  write_durably(folder.path());
  write_durably(folder.path());
  std::ofstream(folder.path() / "durable", std::ios::binary) << std::string(1024, 'x');
  EXPECT_NE(why_refused(folder.path()).find("durable is damaged"), std::string::npos);
}

TEST(FileStorage, RefusesAJournalOlderThanTheOneThatReplacedIt) {
  TemporaryFolder folder;
  write_durably(folder.path());
  auto old = folder.path() / "old";
  std::filesystem::copy_file(folder.path() / "journal", old);
  {
    auto storage = open_good(folder.path());
    std::string big(1 << 16, 'x');
    for (int i = 0; i < 200; ++i) {
      storage->put("snapshot", big);
      ASSERT_TRUE(storage->flush());
    }
  }
  EXPECT_EQ(open_good(folder.path())->log_end(), 3u);
  std::filesystem::rename(old, folder.path() / "journal");
  EXPECT_NE(why_refused(folder.path()).find("older than"), std::string::npos);
}

TEST(FileStorage, RefusesAFolderThatIsInUse) {
  TemporaryFolder folder;
  auto first = open_good(folder.path());
  auto second = FileStorage::open(folder.path());
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().context.find("another node"), std::string::npos);
}

TEST(FileStorage, RewritesAFileOfMostlyOldRecords) {
  TemporaryFolder folder;
  {
    auto storage = open_good(folder.path());
    storage->append("kept");
    std::string big(1 << 16, 'x');
    for (int i = 0; i < 200; ++i) {
      storage->put("snapshot", big + std::to_string(i));
      ASSERT_TRUE(storage->flush());
    }
  }
  EXPECT_LT(std::filesystem::file_size(folder.path() / "journal"), std::uintmax_t{6} << 20);
  auto storage = open_good(folder.path());
  EXPECT_EQ(storage->log_read(0), "kept");
  EXPECT_EQ(storage->get("snapshot")->substr(1 << 16), "199");
}

}  // namespace
}  // namespace sunder
