#include "harness/real/stdio/letter.h"

#include "harness/core/json.h"

namespace sunder::stdio {
namespace {

const std::string* text_at(const Value& object, std::string_view key) {
  const Value* found = object.find(key);
  return found != nullptr && found->is_text() ? &found->text() : nullptr;
}

}  // namespace

std::string_view Letter::type() const {
  const std::string* type = text_at(body, "type");
  return type != nullptr ? std::string_view(*type) : std::string_view();
}

std::optional<std::int64_t> Letter::id() const {
  const Value* id = body.find("msg_id");
  if (id == nullptr || !id->is_integer()) return {};
  return id->integer();
}

bool Letter::answers_something() const {
  return type() == "error" || body.find("in_reply_to") != nullptr;
}

Result<Letter> parse_letter(std::string_view line) {
  Result<Value> parsed = parse_json(line);
  if (!parsed) return parsed.error();
  const std::string* source = text_at(*parsed, "src");
  const std::string* target = text_at(*parsed, "dest");
  const Value* body = parsed->find("body");
  if (source == nullptr || target == nullptr || body == nullptr || !body->is_map()) {
    return Error{Error::Code::malformed,
                 "a message is an object with src and dest, both texts, and a body that is an "
                 "object"};
  }
  return Letter{*source, *target, *body};
}

std::string letter_text(std::string_view source, std::string_view target, const Value& body) {
  std::string text = "{\"src\":";
  append_json_string(text, source);
  text += ",\"dest\":";
  append_json_string(text, target);
  text += ",\"body\":";
  append_json(text, body);
  text += '}';
  return text;
}

Map body_of_type(std::string_view type) {
  Map body;
  body["type"] = type;
  return body;
}

Map error_body(ErrorCode code, std::string_view text) {
  Map body = body_of_type("error");
  body["code"] = static_cast<std::int64_t>(code);
  body["text"] = text;
  return body;
}

}  // namespace sunder::stdio
