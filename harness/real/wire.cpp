#include "harness/real/wire.h"

#include "harness/core/json.h"

namespace sunder {

std::string_view WireMessage::type() const {
  const Value* type = body.find("type");
  return type != nullptr && type->is_text() ? std::string_view(type->text()) : std::string_view();
}

std::string wire_text(NodeId source, NodeId target, const Value& body) {
  std::string text = "{\"src\":\"" + to_string(source) + "\",\"dest\":\"" + to_string(target) +
                     "\",\"body\":";
  append_json(text, body);
  text += '}';
  return text;
}

Result<WireMessage> parse_wire(std::string_view text) {
  Result<Value> parsed = parse_json(text);
  if (!parsed) return parsed.error();
  WireMessage message;
  auto endpoint = [&](std::string_view key, NodeId& id) {
    const Value* name = parsed->find(key);
    return name != nullptr && decode_field(*name, id);
  };
  const Value* body = parsed->find("body");
  if (!endpoint("src", message.source) || !endpoint("dest", message.target) || body == nullptr ||
      !body->is_map()) {
    return Error{Error::Code::malformed,
                 "a message needs src and dest, each like n1 or c1, and a body that is an object"};
  }
  message.body = *body;
  return message;
}

}  // namespace sunder
