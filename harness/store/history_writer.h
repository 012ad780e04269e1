#pragma once
// history.jsonl while a run goes on: at every moment a prefix of the truth.

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "harness/core/op.h"
#include "harness/core/result.h"

namespace sunder {

/// Appends ops as JSON lines. A thread of its own hands the buffer to the kernel every 20 ms, so a
/// line is at most 50 ms old when the controller is killed, however busy the run loop is.
class HistoryWriter {
 public:
  static Result<std::unique_ptr<HistoryWriter>> create(const std::filesystem::path& path);
  ~HistoryWriter();
  HistoryWriter(const HistoryWriter&) = delete;
  HistoryWriter& operator=(const HistoryWriter&) = delete;

  void add(const Op& op);
  /// Writes what is left. An Error when any write failed: the file then is a shorter prefix.
  Status finish();

 private:
  explicit HistoryWriter(int file);
  void flush_until_stopped();
  void write_out(const std::string& bytes);

  int file_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string buffer_;     // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  int failure_ = 0;        // errno of the first failed write; the flusher's until it is joined
  std::thread flusher_;
};

}  // namespace sunder
