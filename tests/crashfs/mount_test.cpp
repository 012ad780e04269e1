// A real mount: each fault has its effect and its end, and whatever ends the file system, the mount
// goes with it.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

#include "harness/crashfs/content.h"
#include "tests/crashfs/support/mounted.h"

namespace sunder::crashfs {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// An errno, or 0.
int write_at(const Descriptor& file, std::string_view bytes, off_t offset) {
  ssize_t count = ::pwrite(file.get(), bytes.data(), bytes.size(), offset);
  return count == static_cast<ssize_t>(bytes.size()) ? 0 : count < 0 ? errno : -1;
}

std::string read_at(const Descriptor& file, std::size_t size, off_t offset) {
  std::string bytes(size, '\0');
  ssize_t count = ::pread(file.get(), bytes.data(), size, offset);
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return bytes;
}

int synced(const Descriptor& file) { return ::fsync(file.get()) == 0 ? 0 : errno; }

class MountedDisk : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string why = why_no_mount(); !why.empty()) GTEST_SKIP() << why;
    disk_ = std::make_unique<Mounted>();
  }
  Descriptor open(const char* name, int flags = O_RDWR | O_CREAT) {
    return Descriptor(::open((disk_->folder() / name).c_str(), flags | O_CLOEXEC, 0644));
  }
  void sync_folder() {
    Descriptor folder(::open(disk_->folder().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    EXPECT_EQ(synced(folder), 0);
  }
  Map fault(std::initializer_list<std::string_view> operations) {
    Map request;
    request["do"] = "fault";
    request["rule"] = "one";
    List list;
    for (std::string_view operation : operations) list.emplace_back(operation);
    request["operations"] = std::move(list);
    return request;
  }
  Value lift() {
    Map request;
    request["do"] = "lift";
    return disk_->ask(std::move(request));
  }
  std::int64_t struck() {
    Map request;
    request["do"] = "status";
    return disk_->ask(std::move(request)).find("rules")->list()[0].find("struck")->integer();
  }
  std::unique_ptr<Mounted> disk_;
};

TEST_F(MountedDisk, APowerCutLosesWhatWasNotSyncedAndListsIt) {
  Descriptor file = open("a");
  EXPECT_EQ(write_at(file, "kept", 0), 0);
  EXPECT_EQ(synced(file), 0);
  sync_folder();
  EXPECT_EQ(write_at(file, "lost", 4), 0);
  Map question;
  question["do"] = "unsynced";
  EXPECT_EQ(disk_->ask(question).find("bytes")->integer(), 4);
  Value lost = disk_->crash("none", 1);
  const Value& range = lost.find("ranges")->list()[0];
  EXPECT_EQ(range.find("path")->text(), "/a");
  EXPECT_EQ(range.find("offset")->integer(), 4);
  EXPECT_EQ(range.find("size")->integer(), 4);
  EXPECT_EQ(write_at(file, "dead", 0), EIO) << "an open file outlived the power cut";
  EXPECT_EQ(read_at(open("a"), 10, 0), "kept");
  std::ifstream log(disk_->log());
  std::string line;
  std::getline(log, line);
  EXPECT_NE(line.find("\"offset\":4"), std::string::npos) << line;
}

TEST_F(MountedDisk, WritesThroughMappingsAndSynchronousWritesCount) {
  Descriptor file = open("a");
  EXPECT_EQ(::ftruncate(file.get(), 8192), 0);
  EXPECT_EQ(synced(file), 0);
  sync_folder();
  void* at = ::mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  ASSERT_NE(at, MAP_FAILED);
  std::memcpy(at, "mapped", 6);
  EXPECT_EQ(::msync(at, 8192, MS_SYNC), 0);
  ::munmap(at, 8192);
  Descriptor synchronous = open("a", O_WRONLY | O_DSYNC);
  EXPECT_EQ(write_at(synchronous, "at once", 4096), 0);
  disk_->crash("none", 1);
  Descriptor again = open("a");
  EXPECT_EQ(read_at(again, 6, 0), "mapped");
  EXPECT_EQ(read_at(again, 7, 4096), "at once");
}

TEST_F(MountedDisk, ErrorsStrikeTheNthOccurrenceAsOftenAsAskedAndOnlyTheirPath) {
  Descriptor file = open("struck.log");
  Descriptor other = open("other");
  for (auto [name, number] : {std::pair("EIO", EIO), std::pair("ENOSPC", ENOSPC),
                              std::pair("EDQUOT", EDQUOT)}) {
    Map request = fault({"write"});
    request["path"] = "*.log";
    request["error"] = name;
    request["from"] = 2;
    request["times"] = 2;
    disk_->ask(std::move(request));
    EXPECT_EQ(write_at(other, "x", 0), 0);
    EXPECT_EQ(write_at(file, "x", 0), 0);
    EXPECT_EQ(write_at(file, "x", 0), number);
    EXPECT_EQ(write_at(file, "x", 0), number);
    EXPECT_EQ(write_at(file, "x", 0), 0);
    EXPECT_EQ(struck(), 2);
    lift();
    EXPECT_EQ(write_at(file, "x", 0), 0);
  }
}

TEST_F(MountedDisk, ChanceIsKept) {
  Descriptor file = open("a");
  Map request = fault({"write"});
  request["error"] = "EIO";
  request["chance"] = Value::pair(1, 4);
  disk_->ask(std::move(request));
  int failed = 0;
  for (int i = 0; i < 1000; ++i) failed += write_at(file, "x", i) == 0 ? 0 : 1;
  EXPECT_EQ(struck(), failed);
  EXPECT_NEAR(failed, 250, 60);
}

TEST_F(MountedDisk, AFailedSyncMayDoomItsDataForGood) {
  Descriptor file = open("a");
  sync_folder();
  EXPECT_EQ(write_at(file, "doomed", 0), 0);
  Map request = fault({"fsync"});
  request["error"] = "EIO";
  request["times"] = 1;
  request["lose"] = true;
  disk_->ask(std::move(request));
  EXPECT_EQ(synced(file), EIO);
  EXPECT_EQ(synced(file), 0) << "the second sync says that all is well";
  EXPECT_EQ(read_at(file, 6, 0), "doomed");
  EXPECT_EQ(disk_->crash("all", 1).find("bytes")->integer(), 6);
  EXPECT_EQ(read_at(open("a"), 6, 0), std::string(6, '\0'));
}

TEST_F(MountedDisk, AFullDiskIsFull) {
  disk_ = std::make_unique<Mounted>(std::vector<std::string>{"--capacity", "1000000"});
  Descriptor file = open("a");
  std::string chunk(100'000, 'x');
  int error = 0;
  int written = 0;
  for (; error == 0 && written < 20; ++written) {
    error = write_at(file, chunk, written * 100'000);
  }
  EXPECT_TRUE(error == ENOSPC || error == -1) << error;
  EXPECT_NEAR(written, 10, 2);
  EXPECT_EQ(write_at(file, "in place", 0), 0);
}

TEST_F(MountedDisk, ShortWritesAreShort) {
  Descriptor file = open("a", O_WRONLY | O_CREAT);
  Map request = fault({"write"});
  request["short_write"] = true;
  disk_->ask(std::move(request));
  EXPECT_EQ(::write(file.get(), "0123456789", 10), 5);
  lift();
  EXPECT_EQ(::write(file.get(), "56789", 5), 5);
  EXPECT_EQ(read_at(open("a"), 20, 0), "0123456789");
}

TEST_F(MountedDisk, LatencyIsAsAskedAndHoldsUpNobodyElse) {
  Descriptor slow = open("slow");
  Descriptor fast = open("fast");
  Map request = fault({"fsync"});
  request["path"] = "/slow";
  request["delay_ms"] = 300;
  disk_->ask(std::move(request));
  auto begin = Clock::now();
  std::thread waiting([&] { EXPECT_EQ(synced(slow), 0); });
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(synced(fast), 0);
  EXPECT_LT(Clock::now() - begin, milliseconds(250));
  waiting.join();
  EXPECT_GE(Clock::now() - begin, milliseconds(300));
  EXPECT_LT(Clock::now() - begin, milliseconds(600));
}

TEST_F(MountedDisk, AHangEndsWithItsRuleWithItsProgramAndWithThePower) {
  for (const char* end : {"lift", "kill", "crash"}) {
    SCOPED_TRACE(end);
    Map request = fault({"fsync"});
    request["hang"] = true;
    disk_->ask(std::move(request));
    Descriptor file = open("a");
    Program program([&](const std::function<void()>& done) {
      if (synced(file) == 0) done();
    });
    EXPECT_FALSE(program.ended_within(200));
    if (end == std::string_view("kill")) {
      EXPECT_EQ(program.kill(), 0);
      continue;
    }
    if (end == std::string_view("lift")) {
      lift();
    } else {
      disk_->crash("all", 1);
    }
    EXPECT_TRUE(program.ended_within(5000));
    EXPECT_EQ(program.await(1), end == std::string_view("lift") ? 1 : 0);
  }
}

TEST_F(MountedDisk, BitRotFlipsOneBitOfAPageAndAlwaysTheSame) {
  Descriptor file = open("a");
  std::string good(3 * Content::page_size, 'x');
  EXPECT_EQ(write_at(file, good, 0), 0);
  Map request = fault({"read"});
  request["bit_rot"] = true;
  disk_->ask(request);
  std::string bad = read_at(file, good.size(), 0);
  ASSERT_EQ(bad.size(), good.size());
  for (std::size_t page = 0; page < 3; ++page) {
    int flipped = 0;
    for (std::size_t i = 0; i < Content::page_size; ++i) {
      std::size_t at = page * Content::page_size + i;
      flipped += __builtin_popcount(static_cast<unsigned>((good[at] ^ bad[at]) & 0xff));
    }
    EXPECT_EQ(flipped, 1);
  }
  EXPECT_EQ(read_at(open("a"), good.size(), 0), bad);
  lift();
  EXPECT_EQ(read_at(file, good.size(), 0), good);
}

TEST_F(MountedDisk, StaleReadsReturnWhatIsDurable) {
  Descriptor file = open("a");
  EXPECT_EQ(write_at(file, "old", 0), 0);
  EXPECT_EQ(synced(file), 0);
  EXPECT_EQ(write_at(file, "new and longer", 0), 0);
  Map request = fault({"read"});
  request["stale"] = true;
  disk_->ask(std::move(request));
  EXPECT_EQ(read_at(file, 14, 0), std::string("old") + std::string(11, '\0'));
  lift();
  EXPECT_EQ(read_at(file, 14, 0), "new and longer");
}

TEST_F(MountedDisk, DamageIsForGood) {
  Descriptor file = open("a");
  EXPECT_EQ(write_at(file, "0123456789", 0), 0);
  EXPECT_EQ(synced(file), 0);
  sync_folder();
  Map request;
  request["do"] = "damage";
  request["path"] = "/a";
  request["kind"] = "zero";
  request["offset"] = 2;
  request["size"] = 3;
  disk_->ask(request);
  EXPECT_EQ(read_at(file, 10, 0), std::string("01\0\0\0" "56789", 10));
  request["kind"] = "truncate";
  request["offset"] = 7;
  disk_->ask(request);
  disk_->crash("none", 1);
  EXPECT_EQ(read_at(open("a"), 10, 0), std::string("01\0\0\0" "56", 7));
  request["path"] = "/nowhere";
  disk_->ask(request, true);
}

TEST_F(MountedDisk, RefusesWhatItDoesNotUnderstand) {
  Map request;
  request["do"] = "dance";
  EXPECT_NE(disk_->ask(request, true).find("error")->text().find("dance"), std::string::npos);
  request["do"] = "crash";
  request["policy"] = "gentle";
  EXPECT_NE(disk_->ask(request, true).find("error")->text().find("torn-512"), std::string::npos);
  request = fault({"write"});
  request["error"] = "EVIL";
  EXPECT_NE(disk_->ask(request, true).find("error")->text().find("EDQUOT"), std::string::npos);
}

TEST_F(MountedDisk, EndsAlthoughWhoStartedItBlocksSignals) {
  sigset_t ends;
  sigset_t before;
  ::sigemptyset(&ends);
  for (int number : {SIGINT, SIGTERM}) ::sigaddset(&ends, number);
  ::sigprocmask(SIG_BLOCK, &ends, &before);
  disk_ = std::make_unique<Mounted>();
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  pid_t process = disk_->process();
  Map end;
  end["do"] = "end";
  disk_->ask(std::move(end));
  bool gone = false;
  for (int i = 0; i < 500 && !gone; ++i) {
    gone = !disk_->is_mounted();
    if (!gone) std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_TRUE(gone) << process;
  disk_->kill();  // reaps it, whether it has ended or not
}

TEST_F(MountedDisk, TheMountGoesWithItsProcess) {
  Descriptor file = open("a");
  ASSERT_TRUE(disk_->is_mounted());
  disk_->kill();
  for (int i = 0; i < 500 && disk_->is_mounted(); ++i) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_FALSE(disk_->is_mounted());
  EXPECT_TRUE(fs::is_empty(disk_->folder())) << "the folder below cannot be used";
}

}  // namespace
}  // namespace sunder::crashfs
