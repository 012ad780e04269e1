#include "harness/core/codec.h"

namespace sunder {

void put_field(Map& record, std::string_view name, Value value) { record[name] = std::move(value); }

const Value& field_of(const Value& record, std::string_view name) {
  static const Value nil;
  const Value* found = record.find(name);
  return found != nullptr ? *found : nil;
}

Value Message::value() const {
  Value body = body_->fields();
  body.map()["type"] = Value(body_->type());
  return body;
}

std::vector<std::uint8_t> Message::bytes() const {
  std::vector<std::uint8_t> out;
  encode(value(), out);
  return out;
}

bool operator==(const Message& a, const Message& b) {
  if (a.body_ == b.body_) return true;
  return a.body_ && b.body_ && a.body_->equals(*b.body_);
}

MessageCodec MessageCodec::with(const MessageCodec& other) const {
  MessageCodec both = *this;
  both.decoders_.insert(both.decoders_.end(), other.decoders_.begin(), other.decoders_.end());
  return both;
}

Result<Message> MessageCodec::decode(const Value& body) const {
  const Value* type = body.find("type");
  if (type == nullptr || !type->is_text()) {
    return Error{Error::Code::malformed, "a message without a type: " + to_json(body)};
  }
  for (const Decoder& decoder : decoders_) {
    if (decoder.type != type->text()) continue;
    std::optional<Message> message = decoder.decode(body);
    if (message) return *std::move(message);
    return Error{Error::Code::malformed, "a message with wrong fields: " + to_json(body)};
  }
  return Error{Error::Code::malformed, "a message of unknown type '" + type->text() + "'"};
}

}  // namespace sunder
