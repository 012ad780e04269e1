#pragma once
// Catalogues. CMake generates one from the files of a folder: each <stem>.cpp defines
// add_<stem>(Registry<T>&). No static constructors register anything.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/assert.h"

namespace sunder {

/// Records by name, in alphabetical order. T has a `name`.
template <class T>
class Registry {
 public:
  void add(T&& record);
  /// Null when there is none. Owned by the registry; valid until the next add().
  const T* find(std::string_view name) const {
    for (const T& record : records_) {
      if (record.name == name) return &record;
    }
    return nullptr;
  }
  const std::vector<T>& all() const { return records_; }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const T& record : records_) names.push_back(record.name);
    return names;
  }

 private:
  std::vector<T> records_;
};

template <class T>
void Registry<T>::add(T&& record) {
  ASSERT_MSG(find(record.name) == nullptr, record.name);
  auto at = std::lower_bound(records_.begin(), records_.end(), record,
                             [](const T& a, const T& b) { return a.name < b.name; });
  records_.insert(at, std::move(record));
}

}  // namespace sunder
