#pragma once
// Small numbers for the values of a history.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/core/value.h"

namespace sunder::domain {

/// Equal values have equal ids, dense from 0; 0 is nil. Integers, which nearly all values are,
/// stand in flat tables: a history of a million elements must not cost a million allocations, and
/// those that are counted up must not cost a miss of the cache each.
class Ids {
 public:
  Ids();
  std::int32_t of(ValueView value);
  std::int32_t of_integer(std::int64_t number);
  std::size_t size() const { return numbers_.size(); }
  Value value(std::int32_t id) const;
  std::string text(std::int32_t id) const;  // as EDN

 private:
  std::int32_t of_other(ValueView value);
  std::int32_t append(std::int64_t number);  // its id, the next one
  std::size_t slot(std::int64_t number) const;
  void grow();

  std::vector<std::int32_t> dense_;  // ids of small integers by the integer, -1: none
  std::vector<std::int32_t> slots_;  // ids of other integers by their hash, -1: none
  std::size_t integers_ = 0;
  std::vector<std::int64_t> numbers_;  // by id: the integer, or the place in values_
  std::vector<bool> is_integer_;       // by id
  std::vector<Value> values_;
  std::unordered_map<std::string, std::int32_t> others_;  // by canonical bytes; looked up only
};

/// Numbers for names that may be keys of maps: in JSON those are always texts, so that 3 and "3"
/// are one name, as are :a and "a".
class Names {
 public:
  /// Whether a value can be a name.
  static bool fits(ValueView value);
  std::int32_t of(ValueView value);  // REQUIRES: fits(value)
  std::int32_t of(std::string_view name);
  const std::string& text(std::int32_t id) const { return names_[static_cast<std::size_t>(id)]; }
  std::size_t size() const { return names_.size(); }

 private:
  std::unordered_map<std::string, std::int32_t> ids_;  // looked up only
  std::vector<std::string> names_;
};

/// Dense numbers, from 0, for some of the ids: those that one key has to do with. Forgetting them
/// costs nothing, so that many keys cost no more than one.
class LocalIds {
 public:
  void begin(std::size_t ids);
  std::int32_t of(std::int32_t id);
  std::int32_t find(std::int32_t id) const;  // -1 when it has no number
  std::int32_t global(std::int32_t local) const {
    return globals_[static_cast<std::size_t>(local)];
  }
  std::size_t size() const { return globals_.size(); }

 private:
  std::vector<std::int32_t> local_;   // by id
  std::vector<std::uint32_t> round_;  // by id: when local_ was set
  std::uint32_t now_ = 0;
  std::vector<std::int32_t> globals_;
};

}  // namespace sunder::domain
