#include "harness/formats/edn.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sunder {
namespace {

constexpr int depth_limit = 200;

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == ',' || c == '\t' || c == '\r' || c == '\f';
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// What ends a symbol, keyword or number.
constexpr std::array<bool, 256> make_delimiters() {
  std::array<bool, 256> table{};
  for (char c : std::string_view(" \n\t\r\f,()[]{}\";"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> delimiters = make_delimiters();
bool is_delimiter(char c) { return delimiters[static_cast<unsigned char>(c)]; }

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

std::string_view EdnReader::token() {
  std::size_t from = at_;
  while (at_ < text_.size() && !is_delimiter(text_[at_])) ++at_;
  return text_.substr(from, at_ - from);
}

// Blanks and comments. False at the end.
bool EdnReader::skip_blank() {
  while (at_ < text_.size()) {
    if (is_blank(text_[at_])) {
      ++at_;
    } else if (text_[at_] == ';') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else {
      return true;
    }
  }
  return false;
}

bool EdnReader::next() {
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
    } else if (c == '#' && (kind == ':' || is_letter(kind))) {
      began = at_;
      token();
    } else if (discards != 0) {
      Value ignored;
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
  Value ignored;
  return read(ignored);
}

bool EdnReader::read(Value& out) {
  if (!next()) return failed() ? false : fail_at_end(at_, "the text ends where a value should be");
  return form(out);
}

bool EdnReader::form(Value& out) {
  if (depth_ == depth_limit) return fail(at_, "more than 200 levels of nesting");
  ++depth_;
  bool done = read_form(out);
  --depth_;
  return done;
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
  if (c == ':' || is_letter(c)) return token();
  return {};
}

bool EdnReader::read_form(Value& out) {
  char c = text_[at_];
  switch (c) {
    case '"': return read_string(out);
    case '\\': return read_character(out);
    case '[': return read_sequence(out, ']');
    case '(': return read_sequence(out, ')');
    case '{': return read_map(out);
    case '#': return read_dispatch(out);
    case ']':
    case ')':
    case '}': return fail(at_, "unexpected " + quoted(c));
    default: break;
  }
  if (is_digit(c) ||
      ((c == '-' || c == '+') && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
    return read_number(out);
  }
  std::size_t began = at_;
  auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20 || byte == 0x7f || c == '`' || c == '~' || c == '@' || c == '\'') {
    return fail(at_, "unexpected " + quoted(c));
  }
  std::string_view word = token();
  if (word == ":") return fail(began, "a keyword without a name");
  if (word == "nil") {
    out = Value{};
  } else if (word == "true") {
    out = Value(true);
  } else if (word == "false") {
    out = Value(false);
  } else {
    out = Value(word);
  }
  return true;
}

bool EdnReader::read_string(Value& out) {
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
  out = Value(std::move(text));
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

bool EdnReader::read_character(Value& out) {
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
  out = Value(std::move(text));
  return true;
}

bool EdnReader::read_number(Value& out) {
  std::size_t began = at_;
  std::string_view word = token();
  std::string_view digits = word.back() == 'N' ? word.substr(0, word.size() - 1) : word;
  if (is_integer(digits)) {
    std::string_view unsigned_digits =
        digits.substr(digits.front() == '-' || digits.front() == '+');
    if (unsigned_digits.size() > 1 && unsigned_digits.front() == '0') {
      return fail(began, "a number may not begin with 0: " + std::string(word));
    }
    std::string_view parsed = digits.front() == '+' ? unsigned_digits : digits;
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(parsed.data(), parsed.data() + parsed.size(), number);
    out = error == std::errc{} ? Value(number) : Value(parsed);
    return true;
  }
  if (!is_other_number(word))
    return fail(began, "not a number: " + std::string(word.substr(0, 40)));
  out = Value(word);
  return true;
}

bool EdnReader::read_sequence(Value& out, char close) {
  std::size_t began = at_++;
  List items;
  while (next()) {
    if (peek() == close) {
      ++at_;
      out = Value(std::move(items));
      return true;
    }
    if (!read(items.emplace_back())) return false;
  }
  return failed() ? false : fail_at_end(began, "no " + quoted(close) + " ends what begins here");
}

bool EdnReader::read_map(Value& out) {
  std::size_t began = at_++;
  Map map;
  while (next()) {
    if (peek() == '}') {
      ++at_;
      out = Value(std::move(map));
      return true;
    }
    Value key;
    std::size_t key_at = at_;
    if (!read(key)) return false;
    if (!next()) break;
    if (peek() == '}') return fail(key_at, "a key without a value");
    Value value;
    if (!read(value)) return false;
    map.set(std::move(key), std::move(value));
  }
  return failed() ? false : fail_at_end(began, "no '}' ends the map that begins here");
}

bool EdnReader::read_dispatch(Value& out) {
  char kind = text_[at_ + 1];
  if (kind == '{') {
    ++at_;
    if (!read_sequence(out, '}')) return false;
    std::sort(out.list().begin(), out.list().end());
    return true;
  }
  if (kind == '#') {  // ##Inf, ##-Inf, ##NaN
    at_ += 2;
    out = Value(token());
    return true;
  }
  return fail(at_, "unexpected " + quoted(kind) + " after '#'");
}

}  // namespace sunder
