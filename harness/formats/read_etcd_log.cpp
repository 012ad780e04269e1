// Jepsen's log of a run against a register, as Porcupine reads it: lines like
//   INFO  jepsen.util - 0 :invoke :read nil
// Lines of other loggers are no ops. A line of jepsen.util that is no op is an error, for a history
// without one of its ops may be judged wrongly.

#include <algorithm>
#include <array>

#include "harness/formats/draft.h"
#include "harness/formats/readers.h"

namespace sunder {
namespace {

constexpr std::string_view gaps = " \t\r";
constexpr std::string_view logger = "jepsen.util";

std::string_view first_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(gaps), text.size()));
  std::string_view word = text.substr(0, std::min(text.find_first_of(gaps), text.size()));
  text.remove_prefix(word.size());
  return word;
}

// The level is the first word, or stands behind a date and a time.
bool is_log_line(std::string_view line) {
  constexpr std::array<std::string_view, 6> levels = {"INFO",  "WARN",  "ERROR",
                                                      "DEBUG", "TRACE", "FATAL"};
  for (int i = 0; i < 3; ++i) {
    std::string_view word = first_word(line);
    if (std::find(levels.begin(), levels.end(), word) != levels.end()) return true;
  }
  return false;
}

bool is_empty(std::string_view line) {
  return line.find_first_not_of(gaps) == std::string_view::npos;
}

/// Reads the ops of one log.
class LogReader {
 public:
  LogReader(std::string_view text, LoadedHistory& loaded)
      : text_(text), loaded_(loaded), collector_(Format::etcd_log) {}

  std::optional<TextError> run() {
    for (std::size_t at = 0; at < text_.size();) {
      std::size_t end = std::min(text_.find('\n', at), text_.size());
      std::string_view line = text_.substr(at, end - at);
      if (!is_empty(line) && !read_line(line, at, end < text_.size())) return error_;
      at = end + 1;
    }
    if (no_ops_ != 0) {
      loaded_.notes.push_back(std::to_string(no_ops_) +
                              " lines of the log are of other loggers and were left out.");
    }
    loaded_.history = collector_.take(loaded_.notes);
    return {};
  }

 private:
  // False leaves error_ set.
  bool read_line(std::string_view line, std::size_t at, bool whole) {
    draft_.clear();
    bool good = is_log_line(line) || fail(at, no_log_line(line), true);
    std::size_t named = good ? line.find(logger) : std::string_view::npos;
    if (good && named == std::string_view::npos) {
      if (whole) ++no_ops_;
      return whole || tear();
    }
    good = good && read_op(line, at, named + logger.size());
    if (!whole && collector_.size() != 0 && (good ? may_go_on(line) : error_->at_end)) {
      return tear();
    }
    if (!good) return false;
    Status status = collector_.add(draft_);
    return status || fail(at, status.error().context, false);
  }

  bool read_op(std::string_view line, std::size_t at, std::size_t from) {
    std::string_view rest = line.substr(from);
    std::string_view word = first_word(rest);
    if (word == "-") from = line.size() - rest.size();
    EdnReader edn(line.substr(from));
    bool good = read_field(edn, draft_.process) && read_field(edn, draft_.type) &&
                read_field(edn, draft_.verb) && read_field(edn, draft_.value);
    if (good && edn.next()) good = read_field(edn, draft_.error);
    if (good && edn.next()) edn.fail(edn.offset(), "something follows the op");
    if (edn.failed())
      return fail(at + from + edn.error().offset, edn.error().what, edn.error().at_end);
    settle_outcome();
    return true;
  }

  bool read_field(EdnReader& edn, std::size_t& field) {
    field = draft_.bytes.size();
    return edn.read(draft_.bytes);
  }

  // A fail or info has its reason where the value would be. What timed out may have happened, even
  // if it is called a fail: so are reads, and Porcupine takes them for unknown too.
  void settle_outcome() {
    std::string_view type = text_of(draft_.type);
    if (type != ":fail" && type != ":info") return;
    if (text_of(draft_.value).starts_with(':')) {
      draft_.error = draft_.value;
      draft_.value = OpDraft::absent;
    }
    if (type == ":fail" && text_of(draft_.error) == ":timed-out") {
      draft_.type = draft_.bytes.size();
      ValueWriter(draft_.bytes).text(":info");
    }
  }

  std::string_view text_of(std::size_t field) const {
    ValueView view = draft_.view(field);
    return view.kind() == Value::Kind::text ? view.text() : std::string_view();
  }

  // Without its newline, a line that ends in a number may have lost digits of it.
  static bool may_go_on(std::string_view line) {
    return !line.ends_with(']') && !line.ends_with("nil") && !line.ends_with(":timed-out");
  }

  static std::string no_log_line(std::string_view line) {
    std::string_view word = first_word(line);
    return "a line of a log needs its level, as in 'INFO  jepsen.util - 0 :invoke :read nil', "
           "but this one begins with '" +
           std::string(word.substr(0, 40)) + "'";
  }

  bool fail(std::size_t offset, std::string what, bool at_end) {
    error_ = TextError{offset, std::move(what), at_end};
    return false;
  }

  bool tear() {
    error_.reset();
    loaded_.truncated = true;
    loaded_.notes.emplace_back(torn_note);
    return true;
  }

  std::string_view text_;
  LoadedHistory& loaded_;
  DraftCollector collector_;
  OpDraft draft_;
  std::optional<TextError> error_;
  std::size_t no_ops_ = 0;  // lines of other loggers
};

}  // namespace

std::optional<TextError> read_etcd_log(std::string_view text, LoadedHistory& loaded) {
  return LogReader(text, loaded).run();
}

bool begins_as_log(std::string_view text) {
  std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return false;
  return is_log_line(text.substr(begin, text.find('\n', begin) - begin));
}

}  // namespace sunder
