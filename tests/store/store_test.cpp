#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "harness/store/history_writer.h"
#include "harness/store/journal_file.h"
#include "harness/store/run_directory.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class StoreTest : public testing::Test {
 protected:
  StoreTest() : root_(fs::path(testing::TempDir()) / ("sunder-store-" + std::to_string(getpid()))) {
    fs::create_directories(root_);
  }
  ~StoreTest() override { fs::remove_all(root_); }
  fs::path root_;
};

TEST_F(StoreTest, RunFoldersAreFreshAndLatestPointsAtTheNewest) {
  Result<RunDirectory> first = RunDirectory::create(root_, "raft-register");
  Result<RunDirectory> second = RunDirectory::create(root_, "raft-register");
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->path(), second->path());
  EXPECT_TRUE(fs::equivalent(root_ / "latest", second->path()));
}

TEST_F(StoreTest, AnUnwritableStoreIsAnEnvironmentError) {
  std::ofstream(root_ / "file") << "x";
  Result<RunDirectory> run = RunDirectory::create(root_ / "file", "raft-register");
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, Error::Code::environment);
}

TEST_F(StoreTest, HistoryReachesTheKernelWhileTheWriterIsOpen) {
  Result<std::unique_ptr<HistoryWriter>> writer = HistoryWriter::create(root_ / "history.jsonl");
  ASSERT_TRUE(writer);
  (*writer)->add({.process = {0}, .verb = "read"});
  std::string text;
  for (int i = 0; i < 100 && text.empty(); ++i) {
    std::this_thread::sleep_for(5ms);
    text = *read_whole_file(root_ / "history.jsonl");
  }
  EXPECT_EQ(text, "{\"index\":0,\"time\":0,\"process\":0,\"type\":\"invoke\",\"f\":\"read\","
                  "\"value\":null}\n");
  EXPECT_TRUE((*writer)->finish());
}

TEST_F(StoreTest, FullDisksAreReportedNotIgnored) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  Result<std::unique_ptr<HistoryWriter>> writer = HistoryWriter::create("/dev/full");
  ASSERT_TRUE(writer);
  (*writer)->add({.process = {0}, .verb = "read"});
  EXPECT_FALSE((*writer)->finish());
}

TEST_F(StoreTest, TheJournalKnowsWhatWasNotUndone) {
  fs::path path = root_ / "faults.jsonl";
  {
    Result<std::unique_ptr<JournalFile>> journal = JournalFile::create(path);
    ASSERT_TRUE(journal);
    std::uint64_t first = (*journal)->will(Value("first"));
    (*journal)->will(Value("second"));
    (*journal)->undone(first);
  }
  std::ofstream(path, std::ios::app) << "{\"entry\":3,\"will\":\"torn";
  Result<std::vector<Value>> left = acts_left(path);
  ASSERT_TRUE(left);
  EXPECT_EQ(*left, (std::vector<Value>{Value("second")}));
}

}  // namespace
}  // namespace sunder
