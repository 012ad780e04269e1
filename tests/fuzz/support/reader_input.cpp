#include "tests/fuzz/support/reader_input.h"

#include "harness/core/assert.h"

namespace sunder::fuzz {
namespace {

std::string as_edn(const History& history) {
  std::string text;
  for (std::size_t i = 0; i < history.size(); ++i) {
    append_edn(text, history[i].op());
    text += '\n';
  }
  return text;
}

// Verbs and errors are left out: they lose a colon each time that they are read.
std::string content(const History& history) {
  std::string text;
  for (std::size_t i = 0; i < history.size(); ++i) {
    Op op = history[i].op();
    op.verb.clear();
    op.error.clear();
    append_edn(text, op);
    text += '\n';
  }
  return text;
}

History read_back(const History& history) {
  Result<LoadedHistory> loaded = parse_history(as_edn(history), "written", Format::edn);
  ASSERT_MSG(bool(loaded), "what was written cannot be read: " + loaded.error().context);
  ASSERT(!loaded->truncated && loaded->history.size() == history.size());
  return loaded->history;
}

}  // namespace

int read_input(const std::uint8_t* data, std::size_t size, Format format) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  Result<LoadedHistory> loaded = parse_history(text, "input", format);
  (void)parse_history(text, "input", Format::detect);
  if (!loaded) {
    ASSERT(loaded.error().context.starts_with("input:"));
    return 0;
  }
  looks_keyed(loaded->history);
  // The first time, bytes that are no UTF-8 become replacement characters, and so may equal others.
  History once = read_back(loaded->history);
  ASSERT(content(read_back(once)) == content(once));
  return 0;
}

}  // namespace sunder::fuzz
