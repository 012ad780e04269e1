// Histories in EDN: one map a line, or one vector or list of maps, with or without tags.
// Porcupine's key-value files are such lines too, with the key beside the value.

#include <algorithm>

#include "harness/formats/draft.h"
#include "harness/formats/readers.h"

namespace sunder {
namespace {

/// Reads the ops of one text into a collector.
class OpReader {
 public:
  OpReader(std::string_view text, Format format, LoadedHistory& loaded)
      : edn_(text), loaded_(loaded), collector_(format) {}

  std::optional<TextError> run() {
    while (edn_.next()) {
      bool done = edn_.peek() == '[' || edn_.peek() == '(' ? read_list() : read_op();
      if (!done) break;
    }
    if (edn_.failed() && !tear()) return edn_.error();
    loaded_.history = collector_.take(loaded_.notes);
    return {};
  }

 private:
  bool read_list() {
    char close = edn_.peek() == '[' ? ']' : ')';
    std::size_t began = edn_.offset();
    edn_.skip_char();
    in_list_ = true;
    while (edn_.next()) {
      if (edn_.peek() == close) {
        edn_.skip_char();
        in_list_ = false;
        return true;
      }
      if (!read_op()) return false;
    }
    if (edn_.failed()) return false;
    return edn_.fail_at_end(began, close == ']' ? "no ']' ends the list of ops that begins here"
                                                : "no ')' ends the list of ops that begins here");
  }

  bool read_op() {
    std::size_t began = edn_.offset();
    if (edn_.peek() != '{') return edn_.fail(began, "an op must be a map");
    edn_.skip_char();
    draft_.clear();
    for (;;) {
      if (!edn_.next()) {
        return edn_.failed() ? false
                             : edn_.fail_at_end(began, "no '}' ends the op that begins here");
      }
      if (edn_.peek() == '}') break;
      if (!read_field()) return false;
    }
    edn_.skip_char();
    Status status = collector_.add(draft_);
    if (!status) return edn_.fail_whole(began, status.error().context);
    return true;
  }

  bool read_field() {
    std::size_t key_at = edn_.offset();
    std::string_view name = edn_.name();
    if (name.empty() && !edn_.skip()) return false;
    if (edn_.next() && edn_.peek() == '}') return edn_.fail(key_at, "a key without a value");
    std::size_t* field = draft_.field(name);
    if (field == nullptr) return edn_.skip();
    *field = draft_.bytes.size();
    return edn_.read(draft_.bytes);
  }

  // A killed writer leaves its last line unfinished. Only lines have this excuse: a vector that is
  // never closed is a broken file.
  bool tear() {
    if (!edn_.error().at_end || in_list_ || collector_.size() == 0) return false;
    loaded_.truncated = true;
    loaded_.notes.emplace_back(torn_note);
    return true;
  }

  EdnReader edn_;
  LoadedHistory& loaded_;
  DraftCollector collector_;
  OpDraft draft_;
  bool in_list_ = false;
};

}  // namespace

std::optional<TextError> read_edn(std::string_view text, LoadedHistory& loaded) {
  return OpReader(text, Format::edn, loaded).run();
}

std::optional<TextError> read_porcupine_kv(std::string_view text, LoadedHistory& loaded) {
  loaded.keyed = true;
  return OpReader(text, Format::porcupine_kv, loaded).run();
}

bool begins_as_porcupine_kv(std::string_view text) {
  EdnReader edn(text);
  std::vector<std::uint8_t> bytes;
  if (!edn.next() || edn.peek() != '{' || !edn.read(bytes)) return false;
  bool has_key = false;
  bool has_verb = false;
  ValueView(bytes.data()).each([&](ValueView name, ValueView value) {
    if (name.kind() != Value::Kind::text) return;
    if (name.text() == ":key") has_key = true;
    if (name.text() != ":f" || value.kind() != Value::Kind::text) return;
    std::string_view verb = value.text();
    has_verb = verb == ":get" || verb == ":put" || verb == ":append";
  });
  return has_key && has_verb;
}

std::string place(std::string_view text, std::string_view name, std::size_t offset) {
  std::string_view before = text.substr(0, std::min(offset, text.size()));
  auto line = 1 + std::count(before.begin(), before.end(), '\n');
  std::size_t line_start = before.rfind('\n');
  std::size_t column =
      before.size() - (line_start == std::string_view::npos ? 0 : line_start + 1) + 1;
  return std::string(name) + ":" + std::to_string(line) + ":" + std::to_string(column) + ": ";
}

}  // namespace sunder
