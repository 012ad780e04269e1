#pragma once
// Messages of protocols. A protocol declares each message's fields once:
//
//   struct RequestVote {
//     static constexpr std::string_view type = "request_vote";
//     std::int64_t term;
//     NodeId candidate;
//     static constexpr auto fields() {
//       return std::tuple{field("term", &RequestVote::term),
//                         field("candidate", &RequestVote::candidate)};
//     }
//     bool operator==(const RequestVote&) const = default;
//   };
//
// and gets its Maelstrom JSON body, canonical bytes and equality. Fields may be integers, bool,
// std::string, NodeId, Value, nested structs of the same shape, and vectors and optionals of these.

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "harness/core/node_id.h"
#include "harness/core/result.h"
#include "harness/core/value.h"

namespace sunder {

template <class Owner, class T>
struct Field {
  std::string_view name;
  T Owner::*member;
};

template <class Owner, class T>
constexpr Field<Owner, T> field(std::string_view name, T Owner::*member) {
  return {name, member};
}

template <class T>
concept Fielded = requires {
  T::fields();
};

template <class T>
concept MessageType = Fielded<T> && std::equality_comparable<T> && requires {
  { T::type } -> std::convertible_to<std::string_view>;
};

/// Puts a field into the map of a record that is encoded.
void put_field(Map& record, std::string_view name, Value value);
/// What a record to be decoded has under a name; nil when it has nothing. Owned by the record.
const Value& field_of(const Value& record, std::string_view name);

// Encoding of one field. decode() returns false when the value has not the field's shape.
template <std::integral T>
Value encode_field(const T& number) {
  if constexpr (std::same_as<T, bool>) {
    return Value(number);
  } else {
    return Value(static_cast<std::int64_t>(number));
  }
}
inline Value encode_field(const std::string& text) { return Value(text); }
inline Value encode_field(const Value& value) { return value; }
inline Value encode_field(NodeId id) { return Value(to_string(id)); }
template <Fielded T>
Value encode_field(const T& record);
template <class T>
Value encode_field(const std::optional<T>& maybe) {
  return maybe ? encode_field(*maybe) : Value{};
}
template <class T>
Value encode_field(const std::vector<T>& items) {
  List list;
  list.reserve(items.size());
  for (const T& item : items) list.push_back(encode_field(item));
  return Value(std::move(list));
}
template <Fielded T>
Value encode_field(const T& record) {
  Map map;
  std::apply(
      [&](const auto&... f) { (put_field(map, f.name, encode_field(record.*(f.member))), ...); },
      T::fields());
  return Value(std::move(map));
}

template <std::integral T>
bool decode_field(const Value& value, T& number) {
  if constexpr (std::same_as<T, bool>) {
    if (value.kind() != Value::Kind::boolean) return false;
    number = value.boolean();
    return true;
  } else {
    if (!value.is_integer() || !std::in_range<T>(value.integer())) return false;
    number = static_cast<T>(value.integer());
    return true;
  }
}
inline bool decode_field(const Value& value, std::string& text) {
  if (!value.is_text()) return false;
  text = value.text();
  return true;
}
inline bool decode_field(const Value& value, Value& any) {
  any = value;
  return true;
}
inline bool decode_field(const Value& value, NodeId& id) {
  if (!value.is_text()) return false;
  std::optional<NodeId> parsed = parse_node_id(value.text());
  if (!parsed) return false;
  id = *parsed;
  return true;
}
template <Fielded T>
bool decode_field(const Value& value, T& record);
template <class T>
bool decode_field(const Value& value, std::optional<T>& maybe) {
  maybe.reset();
  return value.is_nil() || decode_field(value, maybe.emplace());
}
template <class T>
bool decode_field(const Value& value, std::vector<T>& items) {
  if (!value.is_list()) return false;
  items.clear();
  for (const Value& item : value.list()) {
    if (!decode_field(item, items.emplace_back())) return false;
  }
  return true;
}
template <Fielded T>
bool decode_field(const Value& value, T& record) {
  if (!value.is_map()) return false;
  auto one = [&](const auto& f) {
    return decode_field(field_of(value, f.name), record.*(f.member));
  };
  return std::apply([&](const auto&... f) { return (one(f) && ...); }, T::fields());
}

/// A shared immutable typed body. Copying it is copying a pointer.
class Message {
 public:
  /// The type-erased side of a body.
  class Body {
   public:
    virtual ~Body() = default;
    virtual const void* tag() const = 0;  // one address per C++ type
    virtual std::string_view type() const = 0;
    virtual Value fields() const = 0;  // a map, without "type"
    virtual bool equals(const Body& other) const = 0;
  };

  Message() = default;
  template <MessageType T>
  Message(T body) : body_(std::make_shared<const Typed<T>>(std::move(body))) {}

  explicit operator bool() const { return body_ != nullptr; }
  std::string_view type() const { return body_->type(); }

  /// The body as a T, or null when it is something else. Owned by the message.
  template <MessageType T>
  const T* as() const {
    return body_ && body_->tag() == &tag_of<T> ? &static_cast<const Typed<T>*>(body_.get())->body
                                               : nullptr;
  }

  Value value() const;                      // Maelstrom's body: the fields and "type"
  std::vector<std::uint8_t> bytes() const;  // canonical: for authenticators, sizes and digests
  friend bool operator==(const Message& a, const Message& b);

 private:
  template <MessageType T>
  struct Typed final : Body {
    explicit Typed(T typed_body) : body(std::move(typed_body)) {}
    const void* tag() const override { return &tag_of<T>; }
    std::string_view type() const override { return T::type; }
    Value fields() const override { return encode_field(body); }
    bool equals(const Body& other) const override {
      return other.tag() == &tag_of<T> && static_cast<const Typed&>(other).body == body;
    }
    T body;
  };
  template <class T>
  static inline const char tag_of = 0;

  std::shared_ptr<const Body> body_;
};

/// A message on its way, or arrived.
struct Envelope {
  NodeId source;
  NodeId target;
  Message message;
};

/// The message types of one protocol: turns a Maelstrom body back into a typed message.
class MessageCodec {
 public:
  template <MessageType... T>
  static MessageCodec of() {
    MessageCodec codec;
    (codec.decoders_.push_back({T::type, &decode_as<T>}), ...);
    return codec;
  }
  /// The codec that knows the types of both.
  MessageCodec with(const MessageCodec& other) const;
  /// Errors name the type and say whether it or its fields are unknown.
  Result<Message> decode(const Value& body) const;

 private:
  template <MessageType T>
  static std::optional<Message> decode_as(const Value& body) {
    T typed{};
    if (!decode_field(body, typed)) return {};
    return Message(std::move(typed));
  }
  struct Decoder {
    std::string_view type;
    std::optional<Message> (*decode)(const Value& body);
  };
  std::vector<Decoder> decoders_;
};

}  // namespace sunder
