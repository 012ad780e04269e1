#include "harness/core/value.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "harness/core/assert.h"

namespace sunder {
namespace {

void put_varint(std::uint64_t number, std::vector<std::uint8_t>& out) {
  for (; number >= 0x80; number >>= 7) out.push_back(static_cast<std::uint8_t>(number | 0x80));
  out.push_back(static_cast<std::uint8_t>(number));
}

std::uint64_t get_varint(const std::uint8_t*& at) {
  std::uint64_t number = 0;
  for (int shift = 0;; shift += 7) {
    std::uint8_t byte = *at++;
    number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return number;
  }
}

std::uint64_t zigzag(std::int64_t number) {
  return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
}

std::int64_t unzigzag(std::uint64_t number) {
  return static_cast<std::int64_t>(number >> 1) ^ -static_cast<std::int64_t>(number & 1);
}

// Containers carry the byte size of their items, so that a view can step over them.
template <class PutItems>
void put_container(std::size_t count, std::vector<std::uint8_t>& out, PutItems put_items) {
  put_varint(count, out);
  std::size_t size_at = out.size();
  out.resize(size_at + 4);
  put_items();
  auto size = static_cast<std::uint32_t>(out.size() - size_at - 4);
  for (std::size_t i = 0; i < 4; ++i) out[size_at + i] = static_cast<std::uint8_t>(size >> (8 * i));
}

std::uint32_t container_size(const std::uint8_t* at) {
  std::uint32_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size |= static_cast<std::uint32_t>(at[i]) << (8 * i);
  return size;
}

}  // namespace

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
      return std::lexicographical_compare(
          a.map().begin(), a.map().end(), b.map().begin(), b.map().end(),
          [](const MapEntry& x, const MapEntry& y) {
            if (!(x.key == y.key)) return x.key < y.key;
            return x.value < y.value;
          });
  }
  return false;
}

void encode(const Value& value, std::vector<std::uint8_t>& out) {
  out.push_back(static_cast<std::uint8_t>(value.kind()));
  switch (value.kind()) {
    case Value::Kind::nil: break;
    case Value::Kind::boolean: out.push_back(value.boolean() ? 1 : 0); break;
    case Value::Kind::integer: put_varint(zigzag(value.integer()), out); break;
    case Value::Kind::text:
      put_varint(value.text().size(), out);
      out.insert(out.end(), value.text().begin(), value.text().end());
      break;
    case Value::Kind::list:
      put_container(value.list().size(), out, [&] {
        for (const Value& item : value.list()) encode(item, out);
      });
      break;
    case Value::Kind::map:
      put_container(value.map().size(), out, [&] {
        for (const MapEntry& entry : value.map()) {
          encode(entry.key, out);
          encode(entry.value, out);
        }
      });
      break;
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

}  // namespace sunder
