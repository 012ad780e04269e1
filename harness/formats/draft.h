#pragma once
// An op as a file says it, before it is understood.

#include <map>
#include <string>

#include "harness/core/history.h"
#include "harness/core/result.h"

namespace sunder {

/// The fields of one op in whatever form the file has them.
struct OpDraft {
  Value process;
  Value type;
  Value verb;
  Value value;
  Value error;
  Value time;
  bool has_process = false;
  bool has_type = false;

  /// Sets the field of that name (without colon or namespace); false when the name means nothing.
  Value* field(std::string_view name);
};

/// Turns drafts into a history: names lose their colons, processes that are no integers become
/// nemeses, missing times repeat the last one.
class DraftCollector {
 public:
  /// Errors say what is wrong with the op, without its place.
  Status add(OpDraft& draft);
  std::size_t size() const { return builder_.size(); }
  /// Moves the history out; appends what had to be assumed to the notes.
  History take(std::vector<std::string>& notes);

 private:
  Status process_of(const OpDraft& draft, Process& process);
  Process named(const std::string& name);

  HistoryBuilder builder_;
  Op op_;
  std::map<std::string, std::int32_t, std::less<>> nemeses_;  // by the name in the file
  Instant last_time_ = at_start;
  std::size_t without_time_ = 0;
  std::size_t not_whole_ = 0;  // completions of clients without an invocation
  std::map<std::int32_t, bool> open_;
};

}  // namespace sunder
