#include "harness/formats/edn.h"

#include <algorithm>
#include <charconv>

namespace sunder {
namespace {

using edn::is;

constexpr int depth_limit = 200;

bool is_digit(char c) { return is(c, edn::digit); }

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 63));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 63));
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  }
}

std::string quoted(char c) {
  auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte < 0x7f) return {'\'', c, '\''};
  constexpr std::string_view hex = "0123456789abcdef";
  return std::string("byte 0x") + hex[byte >> 4] + hex[byte & 15];
}

// [+-]?digits with nothing after it.
bool is_integer(std::string_view token) {
  std::size_t from = token.front() == '-' || token.front() == '+' ? 1 : 0;
  if (from == token.size()) return false;
  return std::all_of(token.begin() + static_cast<std::ptrdiff_t>(from), token.end(), is_digit);
}

// 0x1f, as the addresses in Clojure's #object[...].
bool is_hexadecimal(std::string_view token) {
  constexpr std::string_view digits = "0123456789abcdefABCDEF";
  if (token.front() == '-' || token.front() == '+') token.remove_prefix(1);
  return token.size() > 2 && (token.starts_with("0x") || token.starts_with("0X")) &&
         token.find_first_not_of(digits, 2) == std::string_view::npos;
}

// Digits with at most one point, an exponent, a ratio's slash, or a final M.
bool is_other_number(std::string_view token) {
  if (token.back() == 'M') token.remove_suffix(1);
  std::size_t at = token.front() == '-' || token.front() == '+' ? 1 : 0;
  auto digits = [&] {
    std::size_t from = at;
    while (at < token.size() && is_digit(token[at])) ++at;
    return at > from;
  };
  if (!digits()) return false;
  if (at < token.size() && token[at] == '/') {
    ++at;
    return digits() && at == token.size();
  }
  if (at < token.size() && token[at] == '.') {
    ++at;
    digits();
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    ++at;
    if (at < token.size() && (token[at] == '-' || token[at] == '+')) ++at;
    if (!digits()) return false;
  }
  return at == token.size();
}

}  // namespace

bool EdnReader::fail(std::size_t offset, std::string what) {
  // A wrong word that reaches the end may be a right one that was cut off.
  if (!failed()) error_ = {offset, std::move(what), at_ >= text_.size()};
  return false;
}

bool EdnReader::fail_at_end(std::size_t began, std::string what) {
  if (!failed()) error_ = {began, std::move(what), true};
  return false;
}

bool EdnReader::fail_whole(std::size_t began, std::string what) {
  if (!failed()) error_ = {began, std::move(what), false};
  return false;
}

std::string_view EdnReader::token() {
  std::size_t from = at_;
  std::size_t at = from;
  while (at < text_.size() && !is(text_[at], edn::delimiter)) ++at;
  at_ = at;
  return text_.substr(from, at - from);
}

// Blanks and comments. False at the end.
bool EdnReader::skip_blank() {
  while (at_ < text_.size()) {
    if (is(text_[at_], edn::blank)) {
      ++at_;
    } else if (text_[at_] == ';') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else {
      return true;
    }
  }
  return false;
}

bool EdnReader::next_after_asides() {
  std::size_t discards = 0;  // forms that still have to be left out
  std::size_t began = at_;
  while (skip_blank()) {
    char c = text_[at_];
    char kind = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (c == '#' && at_ + 1 == text_.size()) return fail_at_end(at_, "the text ends after '#'");
    if (c == '^') {  // Clojure's metadata stands before the form that it describes
      began = at_++;
      ++discards;
    } else if (c == '#' && kind == '_') {
      began = at_;
      at_ += 2;
      ++discards;
    } else if (c == '#' && (kind == ':' || is(kind, edn::letter))) {
      began = at_;
      token();
    } else if (discards != 0) {
      Bytes ignored;
      if (!form(ignored)) return false;
      --discards;
    } else {
      return true;
    }
  }
  if (discards != 0) return fail_at_end(began, "the text ends where a value should be");
  return false;
}

bool EdnReader::skip() {
  skipped_.clear();
  return read(skipped_);
}

bool EdnReader::read(Bytes& out) {
  if (!next()) return failed() ? false : fail_at_end(at_, "the text ends where a value should be");
  return form(out);
}

std::string_view EdnReader::name() {
  if (!next()) return {};
  char c = text_[at_];
  if (c == '"') {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != '"' && text_[end] != '\\') ++end;
    if (end >= text_.size() || text_[end] == '\\') return {};
    std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return inside;
  }
  if (c == ':' || is(c, edn::letter)) return token();
  return {};
}

bool EdnReader::form(Bytes& out) {
  char c = text_[at_];
  switch (c) {
    case '"': return read_string(out);
    case '\\': return read_character(out);
    case '[': return read_list(out, ']');
    case '(': return read_list(out, ')');
    case '{': return read_map(out);
    case '#': return read_dispatch(out);
    case ']':
    case ')':
    case '}': return fail(at_, "unexpected " + quoted(c));
    case '-':
    case '+':
      if (at_ + 1 < text_.size() && is_digit(text_[at_ + 1])) return read_number(out);
      break;
    default: break;
  }
  return is_digit(c) ? read_number(out) : read_word(out);
}

bool EdnReader::read_word(Bytes& out) {
  std::size_t began = at_;
  char c = text_[at_];
  auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20 || byte == 0x7f || c == '`' || c == '~' || c == '@' || c == '\'') {
    return fail(at_, "unexpected " + quoted(c));
  }
  std::string_view word = token();
  if (word == ":") return fail(began, "a keyword without a name");
  ValueWriter writer(out);
  if (word == "nil") {
    writer.nil();
  } else if (word == "true" || word == "false") {
    writer.boolean(word == "true");
  } else {
    writer.text(word);
  }
  return true;
}

bool EdnReader::read_string(Bytes& out) {
  std::size_t end = at_ + 1;
  while (end < text_.size() && text_[end] != '"' && text_[end] != '\\') ++end;
  if (end == text_.size() || text_[end] == '\\') return read_escaped_string(out);
  ValueWriter(out).text(text_.substr(at_ + 1, end - at_ - 1));
  at_ = end + 1;
  return true;
}

bool EdnReader::read_escaped_string(Bytes& out) {
  std::size_t began = at_++;
  std::string text;
  for (;;) {
    std::size_t from = at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\') ++at_;
    text.append(text_, from, at_ - from);
    if (at_ == text_.size()) return fail_at_end(began, "a string without its closing quote");
    if (text_[at_++] == '"') break;
    if (!read_escape(text)) return false;
  }
  ValueWriter(out).text(text);
  return true;
}

// After the backslash.
bool EdnReader::read_escape(std::string& out) {
  if (at_ == text_.size()) return fail_at_end(at_ - 1, "the text ends inside a string");
  char c = text_[at_++];
  switch (c) {
    case 'n': out += '\n'; return true;
    case 't': out += '\t'; return true;
    case 'r': out += '\r'; return true;
    case 'b': out += '\b'; return true;
    case 'f': out += '\f'; return true;
    case '"':
    case '\\':
    case '/': out += c; return true;
    case 'u': return read_unicode(out);
    default: return fail(at_ - 2, "an unknown escape in a string: \\" + std::string(1, c));
  }
}

// Four hexadecimal digits; a pair of surrogates is one character, half a pair is U+FFFD.
bool EdnReader::read_unicode(std::string& out) {
  auto digits = [&](std::uint32_t& code) {
    if (at_ + 4 > text_.size()) return false;
    auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, code, 16);
    if (error != std::errc{} || end != text_.data() + at_ + 4) return false;
    at_ += 4;
    return true;
  };
  std::uint32_t code = 0;
  if (at_ + 4 > text_.size()) return fail_at_end(at_ - 2, "the text ends inside \\u");
  if (!digits(code)) return fail(at_ - 2, "\\u needs four hexadecimal digits");
  if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_, 2) == "\\u") {
    std::size_t back = at_;
    std::uint32_t low = 0;
    at_ += 2;
    if (digits(low) && low >= 0xdc00 && low < 0xe000) {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else {
      at_ = back;
    }
  }
  append_utf8(out, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
  return true;
}

bool EdnReader::read_character(Bytes& out) {
  std::size_t began = at_++;
  if (at_ == text_.size()) return fail_at_end(began, "the text ends after a backslash");
  ++at_;  // the character itself may be a delimiter
  token();
  std::string_view name = text_.substr(began + 1, at_ - began - 1);
  auto lead = static_cast<unsigned char>(name.front());
  std::size_t one = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  std::string text;
  if (name == "newline") {
    text = "\n";
  } else if (name == "space") {
    text = " ";
  } else if (name == "tab") {
    text = "\t";
  } else if (name == "return") {
    text = "\r";
  } else if (name == "formfeed") {
    text = "\f";
  } else if (name == "backspace") {
    text = "\b";
  } else if (name.size() == 5 && name.front() == 'u') {
    at_ = began + 2;
    if (!read_unicode(text)) return false;
  } else if (name.size() <= one) {
    text = name;
  } else {
    return fail(began, "an unknown character: \\" + std::string(name));
  }
  ValueWriter(out).text(text);
  return true;
}

// Up to 18 digits fit without a look at overflow; whatever is less plain is read with more care.
bool EdnReader::read_number(Bytes& out) {
  std::size_t first = at_ + (is_digit(text_[at_]) ? 0 : 1);
  std::size_t at = first;
  std::int64_t number = 0;
  while (at < text_.size() && at - first < 18 && is_digit(text_[at])) {
    number = number * 10 + (text_[at++] - '0');
  }
  bool ends = at == text_.size() || is(text_[at], edn::delimiter);
  if (!ends || (text_[first] == '0' && at - first > 1)) return read_other_number(out);
  ValueWriter(out).integer(text_[at_] == '-' ? -number : number);
  at_ = at;
  return true;
}

bool EdnReader::read_other_number(Bytes& out) {
  std::size_t began = at_;
  std::string_view word = token();
  std::string_view digits = word.back() == 'N' ? word.substr(0, word.size() - 1) : word;
  ValueWriter writer(out);
  if (is_integer(digits)) {
    std::string_view unsigned_digits =
        digits.substr(digits.front() == '-' || digits.front() == '+');
    if (unsigned_digits.size() > 1 && unsigned_digits.front() == '0') {
      return fail(began, "a number may not begin with 0: " + std::string(word.substr(0, 40)));
    }
    std::string_view parsed = digits.front() == '+' ? unsigned_digits : digits;
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(parsed.data(), parsed.data() + parsed.size(), number);
    if (error == std::errc{}) {
      writer.integer(number);
    } else {
      writer.text(parsed);
    }
    return true;
  }
  if (!is_other_number(word) && !is_hexadecimal(word))
    return fail(began, "not a number: " + std::string(word.substr(0, 40)));
  writer.text(word);
  return true;
}

bool EdnReader::read_list(Bytes& out, char close) {
  ValueWriter writer(out);
  ValueWriter::Container list = writer.open();
  std::size_t items = 0;
  if (!read_items(out, close, items)) return false;
  writer.close_list(list, items);
  return true;
}

bool EdnReader::read_set(Bytes& out) {
  ValueWriter writer(out);
  ValueWriter::Container set = writer.open();
  std::size_t items = 0;
  if (!read_items(out, '}', items)) return false;
  writer.close_set(set, items);
  return true;
}

bool EdnReader::read_items(Bytes& out, char close, std::size_t& items) {
  if (depth_ == depth_limit) return fail(at_, "more than 200 levels of nesting");
  ++depth_;
  std::size_t began = at_++;
  for (; next(); ++items) {
    if (peek() == close) {
      ++at_;
      --depth_;
      return true;
    }
    if (!form(out)) return false;
  }
  return failed() ? false : fail_at_end(began, "no " + quoted(close) + " ends what begins here");
}

bool EdnReader::read_map(Bytes& out) {
  if (depth_ == depth_limit) return fail(at_, "more than 200 levels of nesting");
  ++depth_;
  std::size_t began = at_++;
  ValueWriter writer(out);
  ValueWriter::Container map = writer.open();
  for (std::size_t entries = 0; next(); ++entries) {
    if (peek() == '}') {
      ++at_;
      --depth_;
      writer.close_map(map, entries);
      return true;
    }
    std::size_t key_at = at_;
    if (!form(out)) return false;
    if (!next()) break;
    if (peek() == '}') return fail(key_at, "a key without a value");
    if (!form(out)) return false;
  }
  return failed() ? false : fail_at_end(began, "no '}' ends the map that begins here");
}

bool EdnReader::read_dispatch(Bytes& out) {
  char kind = text_[at_ + 1];
  if (kind == '{') {
    ++at_;
    return read_set(out);
  }
  if (kind == '#') {  // ##Inf, ##-Inf, ##NaN
    at_ += 2;
    ValueWriter(out).text(token());
    return true;
  }
  return fail(at_, "unexpected " + quoted(kind) + " after '#'");
}

}  // namespace sunder
