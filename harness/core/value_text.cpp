// The textual forms of a value: JSON and EDN.

#include <array>
#include <charconv>

#include "harness/core/value.h"

namespace sunder {
namespace {

void append_integer(std::string& out, std::int64_t integer) {
  std::array<char, 24> buffer{};
  auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), integer);
  out.append(buffer.data(), end);
}

// Bytes of the well-formed UTF-8 sequence at `at`, or 0 (Unicode 15, table 3-7).
std::size_t utf8_length(std::string_view text, std::size_t at) {
  auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  auto follows = [&](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
  unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return follows(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    bool ok = follows(1) && follows(2) && !(lead == 0xe0 && byte(1) < 0xa0) &&
              !(lead == 0xed && byte(1) > 0x9f);
    return ok ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    bool ok = follows(1) && follows(2) && follows(3) && !(lead == 0xf0 && byte(1) < 0x90) &&
              !(lead == 0xf4 && byte(1) > 0x8f);
    return ok ? 4 : 0;
  }
  return 0;
}

void append_escape(std::string& out, unsigned char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += "\\u00";
  out += hex[c >> 4];
  out += hex[c & 15];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) {
      std::size_t length = utf8_length(text, i);
      if (length == 0) {
        out += "\xef\xbf\xbd";
        ++i;
      } else {
        out.append(text, i, length);
        i += length;
      }
      continue;
    }
    ++i;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (c < 0x20 || c == 0x7f) {
          append_escape(out, c);
        } else {
          out += static_cast<char>(c);
        }
    }
  }
  out += '"';
}

void append_json(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::nil: out += "null"; break;
    case Value::Kind::boolean: out += value.boolean() ? "true" : "false"; break;
    case Value::Kind::integer: append_integer(out, value.integer()); break;
    case Value::Kind::text: append_json_string(out, value.text()); break;
    case Value::Kind::list: {
      char separator = '[';
      for (const Value& item : value.list()) {
        out += separator;
        append_json(out, item);
        separator = ',';
      }
      out += separator == '[' ? "[]" : "]";
      break;
    }
    case Value::Kind::map: {
      char separator = '{';
      for (const MapEntry& entry : value.map()) {
        out += separator;
        append_json_string(out, entry.key.is_text() ? entry.key.text() : to_json(entry.key));
        out += ':';
        append_json(out, entry.value);
        separator = ',';
      }
      out += separator == '{' ? "{}" : "}";
      break;
    }
  }
}

bool is_edn_keyword(std::string_view text) {
  if (text.size() < 2 || text.front() != ':') return false;
  for (char c : text.substr(1)) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const bool sign = std::string_view("-_.*+!?/<>=$%&").find(c) != std::string_view::npos;
    if (!letter && !sign) return false;
  }
  return true;
}

std::string to_json(const Value& value) {
  std::string out;
  append_json(out, value);
  return out;
}

void append_edn(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::nil: out += "nil"; break;
    case Value::Kind::boolean: out += value.boolean() ? "true" : "false"; break;
    case Value::Kind::integer: append_integer(out, value.integer()); break;
    case Value::Kind::text:
      if (is_edn_keyword(value.text())) {
        out += value.text();
      } else {
        append_json_string(out, value.text());
      }
      break;
    case Value::Kind::list: {
      out += '[';
      bool first = true;
      for (const Value& item : value.list()) {
        if (!first) out += ' ';
        append_edn(out, item);
        first = false;
      }
      out += ']';
      break;
    }
    case Value::Kind::map: {
      out += '{';
      bool first = true;
      for (const MapEntry& entry : value.map()) {
        if (!first) out += ", ";
        append_edn(out, entry.key);
        out += ' ';
        append_edn(out, entry.value);
        first = false;
      }
      out += '}';
      break;
    }
  }
}

}  // namespace sunder
