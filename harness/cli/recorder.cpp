#include "harness/cli/recorder.h"

#include <unistd.h>

#include <cstdio>

#include "harness/core/log.h"

namespace sunder {

Result<std::unique_ptr<Recorder>> Recorder::create(const Plan& plan, std::uint64_t seed) {
  Result<RunDirectory> directory = RunDirectory::create(plan.request.store, plan.test.name);
  if (!directory) return directory.error();
  auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  Value test = describe(plan, seed, now);
  if (Status written = directory->write_json("test.json", test); !written) return written.error();
  Result<std::unique_ptr<HistoryWriter>> history =
      HistoryWriter::create(directory->path() / "history.jsonl");
  if (!history) return history.error();
  Result<std::unique_ptr<JournalFile>> journal =
      JournalFile::create(directory->path() / "faults.jsonl");
  if (!journal) return journal.error();
  return std::unique_ptr<Recorder>(new Recorder(plan, *std::move(directory), *std::move(history),
                                                *std::move(journal), std::move(test)));
}

Recorder::Recorder(const Plan& plan, RunDirectory directory,
                   std::unique_ptr<HistoryWriter> history, std::unique_ptr<JournalFile> journal,
                   Value test)
    : quiet_(plan.request.quiet),
      terminal_(::isatty(STDERR_FILENO) == 1),
      directory_(std::move(directory)),
      history_(std::move(history)),
      journal_(std::move(journal)),
      test_(std::move(test)) {}

void Recorder::say(const std::string& line) {
  if (!quiet_) log::info(line);
}

void Recorder::record(const Op& op) {
  history_->add(op);
  if (quiet_) return;
  if (op.process.is_client()) {
    if (op.phase == Phase::ok) ++ok_;
    if (op.phase == Phase::fail) ++fail_;
    if (op.phase == Phase::info) ++info_;
  } else if (op.phase == Phase::ok && op.value.find("on") != nullptr &&
             *op.value.find("on") == Value(true)) {
    ++faults_;
  }
  show_progress(op.time);
}

void Recorder::show_progress(Instant time) {
  auto now = std::chrono::steady_clock::now();
  if (now - shown_ < (terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(5))) return;
  shown_ = now;
  std::fprintf(stderr, "%ssunder: %6.1f s  %llu ok, %llu fail, %llu info, %llu faults confirmed%s",
               terminal_ ? "\r" : "", static_cast<double>(nanoseconds(time)) / 1e9,
               static_cast<unsigned long long>(ok_), static_cast<unsigned long long>(fail_),
               static_cast<unsigned long long>(info_), static_cast<unsigned long long>(faults_),
               terminal_ ? "  " : "\n");
}

}  // namespace sunder
