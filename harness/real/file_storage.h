#pragma once
// A node's durable state in one file, or in none.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "harness/api/runtime.h"
#include "harness/faultkit/descriptor.h"
#include "harness/real/durable_mark.h"

namespace sunder {

/// Log and map live in memory; every change is a record of the file `journal`, in program order, so
/// that one fdatasync makes a whole prefix durable. Each record carries its length, how much of the
/// file was known to be durable when it was written, and an xxHash3 of all that. After a power cut
/// any part of what was not yet durable may be missing, a record in front of a good one too: when
/// the file is opened it is cut off at the first bad record, unless a later one knows that place to
/// have been durable, which is damage, and an Error; so is an end before that which the file
/// `durable` (durable_mark.h) knows. The file is rewritten when most of it is out of date.
class FileStorage final : public Storage {
 public:
  /// Creates the folder and file where missing. Errors: not writable, or damaged.
  static Result<std::unique_ptr<FileStorage>> open(const std::filesystem::path& folder);
  /// One without a file, which nothing outlives: what it holds is as durable as the process.
  static std::unique_ptr<FileStorage> in_memory();

  std::uint64_t log_begin() const override { return log_begin_; }
  std::uint64_t log_end() const override { return log_begin_ + log_.size(); }
  const Bytes& log_read(std::uint64_t index) const override;
  void append(Bytes record) override;
  void truncate_from(std::uint64_t index) override;
  void discard_before(std::uint64_t index) override;
  const Bytes* get(std::string_view key) const override;
  void put(std::string_view key, Bytes value) override;
  void erase(std::string_view key) override;
  void sync() override { on_sync_(); }

  /// Who is told of sync(). Must be set before the first one.
  void on_sync(std::function<void()> handler) { on_sync_ = std::move(handler); }
  /// Hands the changes so far to the kernel. An Error means that the disk failed: stop the node.
  Status flush();
  /// To be called around a sync of file(): all that was flushed before it began is durable.
  void sync_begins() { syncing_size_ = file_size_; }
  void sync_ended();
  /// Changes made so far, and those of them that flush() handed over.
  std::uint64_t changes() const { return changes_; }
  /// The open file; whoever syncs it keeps it alive, since a rewrite replaces it. Null in memory.
  std::shared_ptr<const Descriptor> file() const { return file_; }
  /// Bytes that open() cut off, from the first bad record on.
  std::uint64_t cut_off() const { return cut_off_; }

 private:
  explicit FileStorage(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Status load();
  bool replay(std::string_view payload);
  void record(std::string payload);
  Status rewrite();
  Status check_end(std::string_view bytes, std::size_t end) const;

  std::filesystem::path folder_;
  std::shared_ptr<const Descriptor> file_;
  std::unique_ptr<DurableMark> mark_;
  std::uint64_t generation_ = 0;  // how often the file was rewritten
  std::deque<Bytes> log_;
  std::uint64_t log_begin_ = 0;
  std::map<std::string, Bytes, std::less<>> map_;
  std::function<void()> on_sync_;
  std::string unwritten_;
  std::uint64_t changes_ = 0;
  std::uint64_t file_size_ = 0;
  std::uint64_t syncing_size_ = 0;
  std::uint64_t durable_size_ = 0;
  std::uint64_t live_size_ = 0;  // bytes of log records, keys and values
  std::uint64_t cut_off_ = 0;
};

}  // namespace sunder
