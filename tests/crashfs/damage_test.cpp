// What is done to stored data: it stays until it is mended, and mending spares what is newer.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "harness/core/json.h"
#include "tests/crashfs/support/mounted.h"

namespace sunder::crashfs {
namespace {

namespace fs = std::filesystem;

class DamagedDisk : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string why = why_no_mount(); !why.empty()) GTEST_SKIP() << why;
    disk_ = std::make_unique<Mounted>();
  }
  fs::path path(const char* name) const { return disk_->folder() / name; }
  void write(const char* name, const std::string& text, std::ios::openmode how = std::ios::trunc) {
    std::ofstream(path(name), std::ios::binary | std::ios::out | how) << text;
  }
  std::string read(const char* name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  Value ask(std::string_view act, std::string_view key, Value value, bool refusal = false) {
    Map request;
    request["do"] = act;
    request["seed"] = 7;
    request[std::string(key)] = std::move(value);
    return disk_->ask(std::move(request), refusal);
  }
  std::int64_t changed(const Value& answer) { return answer.find("changed")->integer(); }
  std::string mended(std::string_view what) {
    Value answer = ask("mend", "what", what);
    return to_json(*answer.find("mended")) + " " + to_json(*answer.find("overwritten"));
  }
  /// Reads are stale by a snapshot from now on.
  void make_stale(std::string_view snapshot) {
    Map request;
    request["do"] = "fault";
    request["rule"] = "old";
    request["operations"] = List{"read"};
    request["stale"] = true;
    request["snapshot"] = snapshot;
    disk_->ask(std::move(request));
  }
  std::int64_t altered() {
    Value status = ask("status", "", {});
    return status.find("rules")->list()[0].find("altered")->integer();
  }

  std::unique_ptr<Mounted> disk_;
};

int bits_that_differ(const std::string& a, const std::string& b) {
  int count = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    count += __builtin_popcount(static_cast<unsigned>((a[i] ^ b[i]) & 0xff));
  }
  return count;
}

TEST_F(DamagedDisk, RotFlipsAsManyBitsAsAskedListsThemAndStays) {
  std::string good(20'000, 'x');
  write("a", good);
  write("b", good);
  disk_->sync_everything();
  Map request;
  request["do"] = "rot";
  request["path"] = "/a";
  request["bits"] = 5;
  request["seed"] = 3;
  Value answer = disk_->ask(request);
  EXPECT_EQ(changed(answer), 5);
  std::string bad = read("a");
  EXPECT_EQ(bits_that_differ(good, bad), 5);
  for (const Value& flip : answer.find("bits")->list()) {
    auto at = static_cast<std::size_t>(flip.find("offset")->integer());
    EXPECT_EQ((good[at] ^ bad[at]) & 0xff, 1 << flip.find("bit")->integer());
  }
  EXPECT_EQ(read("b"), good) << "only what the pattern names";
  disk_->crash("none", 1);
  EXPECT_EQ(read("a"), bad) << "it is on the medium";
  std::ifstream log(disk_->log());
  std::string line;
  std::getline(log, line);
  EXPECT_NE(line.find("\"bit\""), std::string::npos) << line;
  EXPECT_EQ(mended("rot"), "5 0");
  EXPECT_EQ(read("a"), good);
  EXPECT_EQ(mended("rot"), "0 0");
}

TEST_F(DamagedDisk, RotIsNotMendedWhereSomebodyHasWrittenSince) {
  write("a", "0123456789");
  EXPECT_EQ(changed(ask("rot", "bits", 10)), 10) << "every byte";
  {
    std::fstream file(path("a"), std::ios::in | std::ios::out | std::ios::binary);
    file.write("abcd", 4);
  }
  EXPECT_EQ(mended("rot"), "6 4");
  EXPECT_EQ(read("a"), "abcd456789");
}

TEST_F(DamagedDisk, WhatWasNotSyncedDoesNotComeBackOverTheRot) {
  write("a", "0123456789");
  ask("rot", "bits", 10);
  std::string bad = read("a");
  disk_->sync_everything();
  disk_->crash("none", 1);
  EXPECT_EQ(read("a"), bad);
}

TEST_F(DamagedDisk, AFileLosesItsEndUntilItIsMended) {
  std::string text(10'000, 'x');
  text.append("the end");
  write("a", text);
  Value answer = ask("cut-short", "bytes", 500);
  EXPECT_EQ(changed(answer), 1);
  const Value& cut = answer.find("files")->list()[0];
  EXPECT_EQ(cut.find("path")->text(), "/a");
  EXPECT_EQ(cut.find("was")->integer(), 10'007);
  auto left = static_cast<std::uintmax_t>(cut.find("left")->integer());
  EXPECT_LT(left, 10'007u);
  EXPECT_GE(left, 9'507u);
  EXPECT_EQ(fs::file_size(path("a")), left);
  EXPECT_EQ(mended("rot"), "0 0") << "that was no rot";
  EXPECT_EQ(mended("cut-short"), "1 0");
  EXPECT_EQ(read("a").substr(10'000), "the end");

  ask("cut-short", "bytes", 500);
  write("a", "more", std::ios::app);
  EXPECT_EQ(mended("cut-short"), "0 1");
  EXPECT_TRUE(read("a").ends_with("xmore"));
}

TEST_F(DamagedDisk, WhatWasOnlyReservedDoesNotCount) {
  write("a", "0123456789");
  fs::resize_file(path("a"), 10'000'000);
  disk_->sync_everything();
  Value answer = ask("rot", "bits", 50);
  EXPECT_EQ(changed(answer), 50);
  for (const Value& flip : answer.find("bits")->list()) {
    EXPECT_LT(flip.find("offset")->integer(), 4096);
  }
  EXPECT_EQ(mended("rot"), "50 0");
  answer = ask("cut-short", "bytes", 4096);
  EXPECT_LT(answer.find("files")->list()[0].find("left")->integer(), 4096);
  EXPECT_EQ(mended("cut-short"), "1 0");
  EXPECT_EQ(fs::file_size(path("a")), 10'000'000u);
}

TEST_F(DamagedDisk, WhereThereIsNothingNothingIsChanged) {
  EXPECT_EQ(changed(ask("rot", "bits", 10)), 0);
  EXPECT_EQ(changed(ask("cut-short", "bytes", 10)), 0);
  write("empty", "");
  EXPECT_EQ(changed(ask("rot", "bits", 10)), 0);
  EXPECT_EQ(changed(ask("cut-short", "bytes", 10)), 0);
}

TEST_F(DamagedDisk, ASnapshotHoldsWhatIsDurableAndIsGoneBackTo) {
  write("kept", "old");
  write("removed", "old");
  disk_->sync_everything();
  write("unsynced", "never on the medium");
  ask("snapshot", "name", "s");
  write("kept", "new and longer");
  fs::remove(path("removed"));
  write("added", "new");
  disk_->sync_everything();
  Descriptor open(::open(path("kept").c_str(), O_RDWR | O_CLOEXEC));
  Value answer = ask("restore", "name", "s");
  EXPECT_EQ(changed(answer), 4) << to_json(answer);
  EXPECT_EQ(read("kept"), "old");
  EXPECT_EQ(read("removed"), "old");
  EXPECT_FALSE(fs::exists(path("added")));
  EXPECT_FALSE(fs::exists(path("unsynced")));
  EXPECT_EQ(::pwrite(open.get(), "x", 1, 0), -1) << "an open file outlived it";
  EXPECT_EQ(errno, EIO);

  write("later", "goes on");
  EXPECT_EQ(read("later"), "goes on");
  disk_->crash("none", 1);
  EXPECT_EQ(read("kept"), "old");
  EXPECT_FALSE(fs::exists(path("later")));
  ask("restore", "name", "s", true);  // it has been used
  ask("restore", "name", "no such", true);
}

TEST_F(DamagedDisk, StaleReadsShowASnapshotInFilesOfTodaysSize) {
  write("a", "old");
  write("same", "same");
  disk_->sync_everything();
  ask("snapshot", "name", "s");
  write("a", "newer", std::ios::in);
  write("fresh", "there was nothing");
  disk_->sync_everything();
  make_stale("s");
  EXPECT_EQ(read("same"), "same");
  EXPECT_EQ(altered(), 0) << "what reads the same is not altered";
  EXPECT_EQ(read("a"), std::string("old\0\0", 5));
  EXPECT_EQ(read("fresh"), std::string(17, '\0'));
  EXPECT_GE(altered(), 2);
  ask("lift", "rule", "old");
  EXPECT_EQ(read("a"), "newer");
  Map unknown;
  unknown["do"] = "fault";
  unknown["rule"] = "old";
  unknown["stale"] = true;
  unknown["snapshot"] = "no such";
  disk_->ask(std::move(unknown), true);
}

}  // namespace
}  // namespace sunder::crashfs
