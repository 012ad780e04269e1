#pragma once
// faults.jsonl: the undo journal on disk. Each entry is on the disk before its act begins.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "harness/core/result.h"
#include "harness/core/value.h"

namespace sunder {

class JournalFile {
 public:
  static Result<std::unique_ptr<JournalFile>> create(const std::filesystem::path& path);
  ~JournalFile();
  JournalFile(const JournalFile&) = delete;
  JournalFile& operator=(const JournalFile&) = delete;

  // Both are thread-safe and return when the line has been synced.
  std::uint64_t will(const Value& act);  // the number of the new entry
  void undone(std::uint64_t entry);

 private:
  explicit JournalFile(int file) : file_(file) {}
  void write_line(const Value& line);

  int file_;
  std::mutex mutex_;
  std::uint64_t entries_ = 0;
};

/// The acts of a journal that were never undone, oldest first. A torn last line is ignored: its act
/// had not begun.
Result<std::vector<Value>> acts_left(const std::filesystem::path& path);

}  // namespace sunder
