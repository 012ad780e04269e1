#pragma once
// All messages of a log with keys: who sent each, who polled it, and where it stands.

#include <vector>

#include "checker/domain/log_calls.h"

namespace sunder::domain {

class IndexedLogChecker : public LogChecker {
 protected:
  /// A message that was sent or polled: a key and a value.
  struct Message {
    std::int32_t key = 0;
    std::int32_t value = 0;
    const Record* send = nullptr;       // the one that may have happened, else one that failed
    const Record* again = nullptr;      // a second send that may have happened
    const Record* polled = nullptr;     // by the call that ended first
    const Record* placed = nullptr;     // the first record with an offset
    const Record* elsewhere = nullptr;  // one with another offset
  };
  /// An offset of a key that some record names.
  struct Place {
    std::int32_t key = 0;
    std::int64_t offset = 0;
    const Record* first = nullptr;
    const Record* other = nullptr;  // one with another value
  };

  void index(std::span<const std::uint32_t> calls);
  /// The number of a record's offset among the known ones of its key. REQUIRES: it has one.
  std::int64_t rank(const Record& record) const;
  const Message& message(const Record& record) const;

  std::vector<Message> messages_;  // by key and value
  std::vector<Place> places_;      // by key and offset

 private:
  void index_messages(std::vector<const Record*> all);
  void index_places(std::vector<const Record*> all);
};

}  // namespace sunder::domain
