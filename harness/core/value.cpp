#include "harness/core/value.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "harness/core/assert.h"
#include "harness/core/value_writer.h"

namespace sunder {
namespace {

std::uint64_t get_varint(const std::uint8_t*& at) {
  std::uint64_t number = 0;
  for (int shift = 0;; shift += 7) {
    std::uint8_t byte = *at++;
    number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return number;
  }
}

std::int64_t unzigzag(std::uint64_t number) {
  return static_cast<std::int64_t>(number >> 1) ^ -static_cast<std::int64_t>(number & 1);
}

// Containers carry the byte size of their items, so that a view can step over them.
std::uint32_t container_size(const std::uint8_t* at) {
  std::uint32_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size |= static_cast<std::uint32_t>(at[i]) << (8 * i);
  return size;
}

}  // namespace

Value::Value(std::string text) : state_(std::move(text)) {}
Value::Value(std::string_view text) : state_(std::string(text)) {}
Value::Value(const char* text) : state_(std::string(text)) {}
Value::Value(List list) : state_(std::move(list)) {}
Value::Value(Map map) : state_(std::move(map)) {}
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

Map::Map() noexcept = default;
Map::Map(const Map& other) = default;
Map::Map(Map&& other) noexcept = default;
Map& Map::operator=(const Map& other) = default;
Map& Map::operator=(Map&& other) noexcept = default;
Map::~Map() = default;

Map::Map(std::initializer_list<MapEntry> entries) {
  for (const MapEntry& entry : entries) set(entry.key, entry.value);
}

const Value* Map::find(const Value& key) const {
  auto at = std::lower_bound(entries_.begin(), entries_.end(), key,
                             [](const MapEntry& entry, const Value& k) { return entry.key < k; });
  return at != entries_.end() && at->key == key ? &at->value : nullptr;
}

const Value* Map::find(std::string_view key) const {
  for (const MapEntry& entry : entries_) {
    if (entry.key.is_text() && entry.key.text() == key) return &entry.value;
  }
  return nullptr;
}

Value& Map::operator[](std::string_view key) {
  Value wanted(key);
  auto at = std::lower_bound(entries_.begin(), entries_.end(), wanted,
                             [](const MapEntry& entry, const Value& k) { return entry.key < k; });
  if (at == entries_.end() || !(at->key == wanted)) {
    at = entries_.insert(at, MapEntry{std::move(wanted), Value{}});
  }
  return at->value;
}

void Map::set(Value key, Value value) {
  auto at = std::lower_bound(entries_.begin(), entries_.end(), key,
                             [](const MapEntry& entry, const Value& k) { return entry.key < k; });
  if (at != entries_.end() && at->key == key) {
    at->value = std::move(value);
  } else {
    entries_.insert(at, MapEntry{std::move(key), std::move(value)});
  }
}

Value Value::pair(Value first, Value second) {
  List list;
  list.reserve(2);
  list.push_back(std::move(first));
  list.push_back(std::move(second));
  return Value(std::move(list));
}

Value Value::list_of(Value only) {
  List list;
  list.push_back(std::move(only));
  return Value(std::move(list));
}

const Value* Value::find(std::string_view key) const {
  return is_map() ? map().find(key) : nullptr;
}

bool operator==(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Value::Kind::nil: return true;
    case Value::Kind::boolean: return a.boolean() == b.boolean();
    case Value::Kind::integer: return a.integer() == b.integer();
    case Value::Kind::text: return a.text() == b.text();
    case Value::Kind::list: return a.list() == b.list();
    case Value::Kind::map:
      return std::equal(a.map().begin(), a.map().end(), b.map().begin(), b.map().end());
  }
  return false;
}

bool operator<(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return a.kind() < b.kind();
  switch (a.kind()) {
    case Value::Kind::nil: return false;
    case Value::Kind::boolean: return a.boolean() < b.boolean();
    case Value::Kind::integer: return a.integer() < b.integer();
    case Value::Kind::text: return a.text() < b.text();
    case Value::Kind::list:
      return std::lexicographical_compare(a.list().begin(), a.list().end(), b.list().begin(),
                                          b.list().end());
    case Value::Kind::map:
      return std::lexicographical_compare(a.map().begin(), a.map().end(), b.map().begin(),
                                          b.map().end(), [](const MapEntry& x, const MapEntry& y) {
                                            if (!(x.key == y.key)) return x.key < y.key;
                                            return x.value < y.value;
                                          });
  }
  return false;
}

void encode(const Value& value, std::vector<std::uint8_t>& out) {
  ValueWriter writer(out);
  switch (value.kind()) {
    case Value::Kind::nil: writer.nil(); break;
    case Value::Kind::boolean: writer.boolean(value.boolean()); break;
    case Value::Kind::integer: writer.integer(value.integer()); break;
    case Value::Kind::text: writer.text(value.text()); break;
    case Value::Kind::list: {
      ValueWriter::Container list = writer.open(value.list().size());
      for (const Value& item : value.list()) encode(item, out);
      writer.close_list(list, value.list().size());
      break;
    }
    case Value::Kind::map: {
      ValueWriter::Container map = writer.open(value.map().size());
      for (const MapEntry& entry : value.map()) {
        encode(entry.key, out);
        encode(entry.value, out);
      }
      writer.close_ordered_map(map, value.map().size());
      break;
    }
  }
}

Value::Kind ValueView::kind() const {
  return at_ == nullptr ? Value::Kind::nil : static_cast<Value::Kind>(*at_);
}

bool ValueView::boolean() const {
  ASSERT(kind() == Value::Kind::boolean);
  return at_[1] != 0;
}

std::int64_t ValueView::integer() const {
  ASSERT(kind() == Value::Kind::integer);
  const std::uint8_t* at = at_ + 1;
  return unzigzag(get_varint(at));
}

std::string_view ValueView::text() const {
  ASSERT(kind() == Value::Kind::text);
  const std::uint8_t* at = at_ + 1;
  std::size_t size = get_varint(at);
  return {reinterpret_cast<const char*>(at), size};
}

std::size_t ValueView::size() const {
  ASSERT(kind() == Value::Kind::list || kind() == Value::Kind::map);
  const std::uint8_t* at = at_ + 1;
  return get_varint(at);
}

const std::uint8_t* ValueView::first_item() const {
  const std::uint8_t* at = at_ + 1;
  get_varint(at);
  return at + 4;
}

ValueView ValueView::operator[](std::size_t index) const {
  ASSERT(kind() == Value::Kind::list && index < size());
  const std::uint8_t* at = first_item();
  for (std::size_t i = 0; i < index; ++i) at = ValueView(at).end();
  return ValueView(at);
}

const std::uint8_t* ValueView::end() const {
  const std::uint8_t* at = at_ + 1;
  switch (kind()) {
    case Value::Kind::nil: return at_ == nullptr ? nullptr : at;
    case Value::Kind::boolean: return at + 1;
    case Value::Kind::integer: get_varint(at); return at;
    case Value::Kind::text: {
      std::size_t size = get_varint(at);
      return at + size;
    }
    case Value::Kind::list:
    case Value::Kind::map: {
      const std::uint8_t* items = first_item();
      return items + container_size(items - 4);
    }
  }
  return at;
}

Value ValueView::value() const {
  switch (kind()) {
    case Value::Kind::nil: return {};
    case Value::Kind::boolean: return Value(boolean());
    case Value::Kind::integer: return Value(integer());
    case Value::Kind::text: return Value(text());
    case Value::Kind::list: {
      List list;
      list.reserve(size());
      each([&](ValueView item) { list.push_back(item.value()); });
      return Value(std::move(list));
    }
    case Value::Kind::map: {
      Map map;
      each([&](ValueView key, ValueView mapped) { map.set(key.value(), mapped.value()); });
      return Value(std::move(map));
    }
  }
  return {};
}

bool operator==(ValueView a, ValueView b) {
  if (a.is_nil() || b.is_nil()) return a.is_nil() == b.is_nil();
  return std::equal(a.bytes(), a.end(), b.bytes(), b.end());  // equal values have equal bytes
}

bool operator<(ValueView a, ValueView b) {
  if (a.kind() != b.kind()) return a.kind() < b.kind();
  switch (a.kind()) {
    case Value::Kind::nil: return false;
    case Value::Kind::boolean: return a.boolean() < b.boolean();
    case Value::Kind::integer: return a.integer() < b.integer();
    case Value::Kind::text: return a.text() < b.text();
    case Value::Kind::list:
    case Value::Kind::map: break;
  }
  // Item by item; those of a map are its keys and values in turn.
  std::size_t each = a.kind() == Value::Kind::map ? 2 : 1;
  std::size_t in_a = a.size() * each;
  std::size_t in_b = b.size() * each;
  ValueView x(a.first_item());
  ValueView y(b.first_item());
  for (std::size_t i = 0; i < in_a && i < in_b; ++i) {
    if (!(x == y)) return x < y;
    x = ValueView(x.end());
    y = ValueView(y.end());
  }
  return in_a < in_b;
}

}  // namespace sunder
