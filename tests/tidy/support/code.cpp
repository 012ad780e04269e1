// Separates code from comments and literals, so that a rule's word in a sentence is no offence.

#include <cctype>

#include "tests/tidy/support/tidy.h"

namespace sunder::tidy {

namespace {

/// Walks a text once. Every state function leaves `at_` behind what it has consumed.
class Blanker {
 public:
  explicit Blanker(std::string_view text) : text_(text) { out_.reserve(text.size()); }

  std::string blank() {
    while (at_ < text_.size()) {
      if (begins("//")) {
        while (at_ < text_.size() && text_[at_] != '\n') hide();
      } else if (begins("/*")) {
        hide_until("*/");
      } else if (begins("R\"") && !after_word()) {
        raw_string();
      } else if (text_[at_] == '"') {
        quoted('"');
      } else if (text_[at_] == '\'' && !after_word()) {  // 1'000 is a number
        quoted('\'');
      } else {
        keep();
      }
    }
    return std::move(out_);
  }

 private:
  bool begins(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  bool after_word() const {
    return at_ > 0 &&
           (std::isalnum(static_cast<unsigned char>(text_[at_ - 1])) != 0 || text_[at_ - 1] == '_');
  }
  void keep() { out_ += text_[at_++]; }
  void hide() {
    out_ += text_[at_] == '\n' ? '\n' : ' ';
    ++at_;
  }
  void hide_until(std::string_view end) {
    const std::size_t found = text_.find(end, at_ + 2);
    const std::size_t stop = found == std::string_view::npos ? text_.size() : found + end.size();
    while (at_ < stop) hide();
  }
  void quoted(char quote) {
    keep();
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) hide();
      hide();
    }
    if (at_ < text_.size()) keep();
  }
  void raw_string() {
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) return keep();
    const std::string end = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
    hide_until(end);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string code_of(std::string_view text) { return Blanker(text).blank(); }

}  // namespace sunder::tidy
