#pragma once
// Canonical bytes of values from their parts, for readers that need no Value in between.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "harness/core/value.h"

namespace sunder {

/// Appends the bytes of encode(), part by part in the order in which a text has them.
class ValueWriter {
 public:
  /// The bytes must outlive the writer.
  explicit ValueWriter(std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}

  void nil();
  void boolean(bool boolean);
  void integer(std::int64_t integer);
  void text(std::string_view text);
  void copy(ValueView value);

  /// A list or map that is not closed yet: where it and its items begin.
  struct Container {
    std::size_t begin;
    std::size_t items;
  };
  /// Begins a list, set or map. Its items follow, then one of the close functions with their
  /// number. `expected` is their likely number.
  Container open(std::size_t expected = 0);
  void close_list(Container container, std::size_t items);
  /// A set is a list whose items are in order.
  void close_set(Container container, std::size_t items);
  /// Keys and values follow each other, in any order of keys; the last of equal keys counts.
  void close_map(Container container, std::size_t entries);
  /// REQUIRES: the keys differ and are in order.
  void close_ordered_map(Container container, std::size_t entries);

 private:
  void put(Value::Kind kind, std::uint64_t number);
  void close(Container container, Value::Kind kind, std::size_t count);
  void replace_items(Container container, const std::vector<std::span<const std::uint8_t>>& items);

  std::vector<std::uint8_t>& bytes_;
};

}  // namespace sunder
