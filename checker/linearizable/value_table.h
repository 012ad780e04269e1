#pragma once
// Small numbers for values, so that calls and states are cheap to compare and hash.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/core/value.h"

namespace sunder::linearizable {

/// Equal values have equal ids, dense from 0. 0 is nil.
class ValueTable {
 public:
  ValueTable() { intern(Value{}); }
  std::int32_t intern(ValueView value);
  std::int32_t intern(const Value& value);
  const Value& operator[](std::int32_t id) const { return values_[static_cast<std::size_t>(id)]; }
  std::string text(std::int32_t id) const;  // as EDN
  std::size_t size() const { return values_.size(); }

 private:
  std::vector<Value> values_;
  std::unordered_map<std::int64_t, std::int32_t> integers_;  // looked up only
  std::unordered_map<std::string, std::int32_t> others_;     // by canonical bytes; looked up only
};

}  // namespace sunder::linearizable
