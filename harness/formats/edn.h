#pragma once
// A reader of EDN (github.com/edn-format/edn) in one pass, without looking back.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/value_writer.h"
#include "harness/formats/edn_characters.h"

namespace sunder {

/// What is wrong with a text, and where.
struct TextError {
  std::size_t offset = 0;
  std::string what;
  bool at_end = false;  // the text ended too early; more of it could have made it right
};

/// Walks over the forms of an EDN text. Keywords stay texts that begin with a colon; sets become
/// sorted lists; a tagged form is the form; characters and #inst are texts; numbers that are no
/// decimal 64-bit integers (fractions, ratios, M, 0x) are the text they are written as.
class EdnReader {
 public:
  explicit EdnReader(std::string_view text) : text_(text) {}

  /// Skips blanks, commas, comments, discarded forms and tags. False at the end of the text, or
  /// when something skipped was broken (see failed()).
  bool next() {
    while (at_ < text_.size() && edn::is(text_[at_], edn::blank)) ++at_;
    return at_ < text_.size() && !edn::is(text_[at_], edn::aside) ? true : next_after_asides();
  }
  char peek() const { return text_[at_]; }  // REQUIRES: next() was true
  std::size_t offset() const { return at_; }
  void skip_char() { ++at_; }

  /// Reads one form and appends its canonical bytes; false leaves error() set.
  bool read(std::vector<std::uint8_t>& out);
  /// Reads past one form.
  bool skip();
  /// A keyword, symbol or string in place, without a copy; empty when another form comes next.
  /// Strings with escapes count as another form.
  std::string_view name();

  bool failed() const { return !error_.what.empty(); }
  const TextError& error() const { return error_; }
  bool fail(std::size_t offset, std::string what);        // returns false
  bool fail_at_end(std::size_t began, std::string what);  // returns false
  /// Of a form that was read whole, so that no more of the text could have made it right.
  bool fail_whole(std::size_t began, std::string what);  // returns false

 private:
  using Bytes = std::vector<std::uint8_t>;

  bool next_after_asides();
  bool form(Bytes& out);  // what begins here
  bool read_word(Bytes& out);
  bool read_string(Bytes& out);
  bool read_escaped_string(Bytes& out);
  bool read_character(Bytes& out);
  bool read_number(Bytes& out);
  bool read_other_number(Bytes& out);
  bool read_list(Bytes& out, char close);
  bool read_set(Bytes& out);
  bool read_items(Bytes& out, char close, std::size_t& items);
  bool read_map(Bytes& out);
  bool read_dispatch(Bytes& out);
  bool read_escape(std::string& out);
  bool read_unicode(std::string& out);
  bool skip_blank();
  std::string_view token();  // up to the next delimiter

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  TextError error_;
  Bytes skipped_;
};

}  // namespace sunder
