#pragma once
// Sets of integers under keys, to which elements are added.

#include <map>
#include <set>
#include <vector>

#include "nodes/kv/bytes.h"
#include "nodes/kv/objects/entry_sum.h"

namespace sunder {

class KvSets {
 public:
  void add(std::int64_t key, std::int64_t element) {
    if (sets_[key].insert(element).second) sum_.add(key, element);
  }
  std::vector<std::int64_t> read(std::int64_t key) const {  // ascending
    auto found = sets_.find(key);
    if (found == sets_.end()) return {};
    return {found->second.begin(), found->second.end()};
  }

  bool empty() const { return sets_.empty(); }
  std::uint64_t digest() const { return sum_.value(); }
  void put(ByteWriter& out) const {
    out.number(static_cast<std::int64_t>(sets_.size()));
    for (const auto& [key, elements] : sets_) {
      out.number(key);
      out.number(static_cast<std::int64_t>(elements.size()));
      for (std::int64_t element : elements) out.number(element);
    }
  }
  void get(ByteReader& in) {  // REQUIRES: empty()
    for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
      std::int64_t key = in.number();
      for (std::int64_t more = in.number(); more > 0 && in.ok(); --more) add(key, in.number());
    }
  }

 private:
  std::map<std::int64_t, std::set<std::int64_t>> sets_;
  EntrySum sum_{1};
};

}  // namespace sunder
