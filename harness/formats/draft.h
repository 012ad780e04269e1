#pragma once
// An op as a file says it, before it is understood.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/core/history.h"
#include "harness/core/result.h"
#include "harness/formats/formats.h"

namespace sunder {

/// The fields of one op in whatever form the file has them.
struct OpDraft {
  static constexpr std::size_t absent = SIZE_MAX;

  std::vector<std::uint8_t> bytes;  // what the fields hold, as by encode(), one after the other
  // Where each field begins in these.
  std::size_t process = absent;
  std::size_t type = absent;
  std::size_t verb = absent;
  std::size_t key = absent;
  std::size_t value = absent;
  std::size_t error = absent;
  std::size_t time = absent;

  /// The place of the field of that name (without colon or namespace); null when the name means
  /// nothing.
  std::size_t* field(std::string_view name);
  /// What a field holds; nil when it is absent. Valid until bytes change.
  ValueView view(std::size_t place) const {
    return place == absent ? ValueView() : ValueView(bytes.data() + place);
  }
  /// Makes room for the next op.
  void clear();
};

/// Turns drafts into a history: names lose their colons, processes that are no integers become
/// nemeses, missing times repeat the last one.
class DraftCollector {
 public:
  explicit DraftCollector(Format format) : format_(format) {}

  /// Errors say what is wrong with the op, without its place.
  Status add(const OpDraft& draft);
  std::size_t size() const { return builder_.size(); }
  /// Moves the history out; appends what had to be assumed to the notes.
  History take(std::vector<std::string>& notes);

 private:
  Status process_of(const OpDraft& draft, Process& process);
  ValueView pair_of(const OpDraft& draft);  // [key value], until the next op
  Status named(std::string_view name, Process& process);

  Format format_;
  HistoryBuilder builder_;
  std::vector<std::uint8_t> pair_;  // [key value] of the last op, where the key is a field
  std::string verb_;                // of one that had to be written out
  std::string error_;               // the same
  std::map<std::string, std::int32_t, std::less<>> nemeses_;  // by the name in the file
  std::int64_t highest_nemesis_ = 0;                          // a plain nemesis may still come
  Instant last_time_ = at_start;
  std::size_t without_time_ = 0;
  std::size_t not_whole_ = 0;  // completions of clients without an invocation
};

}  // namespace sunder
