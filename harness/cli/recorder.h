#pragma once
// Everything a run writes while it goes on, and what it tells the person who waits.

#include <memory>

#include "harness/api/journal.h"
#include "harness/cli/plan.h"
#include "harness/store/history_writer.h"
#include "harness/store/journal_file.h"
#include "harness/store/run_directory.h"

namespace sunder {

/// The run's folder with its history and journal open.
class Recorder final : public Journal {
 public:
  /// Makes the folder and writes test.json into it.
  static Result<std::unique_ptr<Recorder>> create(const Plan& plan, std::uint64_t seed);

  void say(const std::string& line);  // to the person, unless --quiet
  void record(const Op& op);  // to the history, and a line of progress now and then
  std::uint64_t will(const Value& act) override { return journal_->will(act); }
  void undone(std::uint64_t entry) override { journal_->undone(entry); }

  const RunDirectory& directory() const { return directory_; }
  const Value& test() const { return test_; }
  Status finish_history() { return history_->finish(); }

 private:
  Recorder(const Plan& plan, RunDirectory directory, std::unique_ptr<HistoryWriter> history,
           std::unique_ptr<JournalFile> journal, Value test);
  void show_progress(Instant time);

  const bool quiet_;
  const bool terminal_;
  RunDirectory directory_;
  std::unique_ptr<HistoryWriter> history_;
  std::unique_ptr<JournalFile> journal_;
  Value test_;
  std::uint64_t ok_ = 0;
  std::uint64_t fail_ = 0;
  std::uint64_t info_ = 0;
  std::uint64_t faults_ = 0;
  std::chrono::steady_clock::time_point shown_{};
};

}  // namespace sunder
