#include "harness/core/value_writer.h"

#include <algorithm>
#include <bit>

#include "harness/core/assert.h"

namespace sunder {
namespace {

constexpr std::size_t size_bytes = 4;  // of the byte size of a container's items

std::size_t varint_length(std::uint64_t number) {
  return (static_cast<std::size_t>(std::bit_width(number | 1)) + 6) / 7;
}

std::uint64_t zigzag(std::int64_t number) {
  return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
}

using Bytes = std::span<const std::uint8_t>;

// The items that begin here, of so many values each.
std::vector<Bytes> items_at(const std::uint8_t* at, std::size_t items, int values_each) {
  std::vector<Bytes> found;
  found.reserve(items);
  for (std::size_t i = 0; i < items; ++i) {
    const std::uint8_t* begin = at;
    for (int j = 0; j < values_each; ++j) at = ValueView(at).end();
    found.emplace_back(begin, at);
  }
  return found;
}

bool comes_before(Bytes a, Bytes b) { return ValueView(a.data()) < ValueView(b.data()); }
bool same_key(Bytes a, Bytes b) { return ValueView(a.data()) == ValueView(b.data()); }

}  // namespace

// Room for all at first: bytes cost less when the vector is asked only once.
void ValueWriter::put(Value::Kind kind, std::uint64_t number) {
  std::size_t begin = bytes_.size();
  bytes_.resize(begin + 1 + varint_length(number));
  std::uint8_t* at = bytes_.data() + begin;
  *at++ = static_cast<std::uint8_t>(kind);
  for (; number >= 0x80; number >>= 7) *at++ = static_cast<std::uint8_t>(number | 0x80);
  *at = static_cast<std::uint8_t>(number);
}

void ValueWriter::nil() { bytes_.push_back(static_cast<std::uint8_t>(Value::Kind::nil)); }

void ValueWriter::boolean(bool boolean) { put(Value::Kind::boolean, boolean ? 1 : 0); }

void ValueWriter::integer(std::int64_t integer) { put(Value::Kind::integer, zigzag(integer)); }

void ValueWriter::text(std::string_view text) {
  put(Value::Kind::text, text.size());
  bytes_.insert(bytes_.end(), text.begin(), text.end());
}

void ValueWriter::copy(ValueView value) {
  if (value.bytes() == nullptr) return nil();
  bytes_.insert(bytes_.end(), value.bytes(), value.end());
}

ValueWriter::Container ValueWriter::open(std::size_t expected) {
  std::size_t begin = bytes_.size();
  put(Value::Kind::list, expected);
  bytes_.resize(bytes_.size() + size_bytes);
  return {begin, bytes_.size()};
}

void ValueWriter::close(Container container, Value::Kind kind, std::size_t count) {
  std::size_t size = bytes_.size() - container.items;
  ASSERT_MSG(size <= UINT32_MAX, "a list or map of more than 4 GiB");
  std::size_t at = container.begin;
  bytes_[at++] = static_cast<std::uint8_t>(kind);
  std::size_t room = container.items - size_bytes - at;  // that open() left for the number
  std::size_t length = varint_length(count);
  auto place = bytes_.begin() + static_cast<std::ptrdiff_t>(at);
  if (length > room) bytes_.insert(place, length - room, 0);
  if (length < room) bytes_.erase(place, place + static_cast<std::ptrdiff_t>(room - length));
  for (; count >= 0x80; count >>= 7) bytes_[at++] = static_cast<std::uint8_t>(count | 0x80);
  bytes_[at++] = static_cast<std::uint8_t>(count);
  for (std::size_t i = 0; i < size_bytes; ++i) {
    bytes_[at++] = static_cast<std::uint8_t>(size >> (8 * i));
  }
}

void ValueWriter::close_list(Container container, std::size_t items) {
  close(container, Value::Kind::list, items);
}

void ValueWriter::close_set(Container container, std::size_t items) {
  std::vector<Bytes> found = items_at(bytes_.data() + container.items, items, 1);
  if (!std::is_sorted(found.begin(), found.end(), comes_before)) {
    std::stable_sort(found.begin(), found.end(), comes_before);
    replace_items(container, found);
  }
  close(container, Value::Kind::list, items);
}

void ValueWriter::close_map(Container container, std::size_t entries) {
  std::vector<Bytes> found = items_at(bytes_.data() + container.items, entries, 2);
  auto misplaced = [](Bytes a, Bytes b) { return !comes_before(a, b); };
  if (std::adjacent_find(found.begin(), found.end(), misplaced) != found.end()) {
    std::stable_sort(found.begin(), found.end(), comes_before);
    // From the back, so that the last of equal keys is the first that is met.
    auto kept = std::unique(found.rbegin(), found.rend(), same_key);
    found.erase(found.begin(), kept.base());
    replace_items(container, found);
  }
  close(container, Value::Kind::map, found.size());
}

void ValueWriter::close_ordered_map(Container container, std::size_t entries) {
  close(container, Value::Kind::map, entries);
}

void ValueWriter::replace_items(Container container, const std::vector<Bytes>& items) {
  std::vector<std::uint8_t> ordered;
  ordered.reserve(bytes_.size() - container.items);
  for (Bytes item : items) ordered.insert(ordered.end(), item.begin(), item.end());
  bytes_.resize(container.items);
  bytes_.insert(bytes_.end(), ordered.begin(), ordered.end());
}

}  // namespace sunder
