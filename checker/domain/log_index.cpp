#include "checker/domain/log_index.h"

namespace sunder::domain {

void IndexedLogChecker::index(std::span<const std::uint32_t> calls) {
  std::vector<const Record*> all;
  for (std::uint32_t at : calls) {
    for (const Record& record : records(at)) all.push_back(&record);
  }
  index_messages(all);
  std::erase_if(all, [](const Record* record) { return record->offset == no_offset; });
  index_places(std::move(all));
}

void IndexedLogChecker::index_messages(std::vector<const Record*> all) {
  std::stable_sort(all.begin(), all.end(), [](const Record* a, const Record* b) {
    return std::pair(a->key, a->value) < std::pair(b->key, b->value);
  });
  messages_.clear();
  for (const Record* record : all) {
    bool same = !messages_.empty() && messages_.back().key == record->key &&
                messages_.back().value == record->value;
    if (!same) messages_.push_back({record->key, record->value});
    Message& message = messages_.back();
    if (record->sent) {
      bool replaces = message.send == nullptr || call(message.send->call).failed();
      if (replaces) {
        message.send = record;
      } else if (!call(record->call).failed()) {
        message.again = record;
      }
    } else if (message.polled == nullptr ||
               call(record->call).completed < call(message.polled->call).completed) {
      message.polled = record;
    }
    if (record->offset == no_offset) continue;
    if (message.placed == nullptr) {
      message.placed = record;
    } else if (message.placed->offset != record->offset) {
      message.elsewhere = record;
    }
  }
}

void IndexedLogChecker::index_places(std::vector<const Record*> all) {
  std::stable_sort(all.begin(), all.end(), [](const Record* a, const Record* b) {
    return std::pair(a->key, a->offset) < std::pair(b->key, b->offset);
  });
  places_.clear();
  for (const Record* record : all) {
    bool same = !places_.empty() && places_.back().key == record->key &&
                places_.back().offset == record->offset;
    if (!same) places_.push_back({record->key, record->offset, record});
    Place& place = places_.back();
    if (place.first->value != record->value) place.other = record;
  }
}

std::int64_t IndexedLogChecker::rank(const Record& record) const {
  return std::lower_bound(places_.begin(), places_.end(), std::pair(record.key, record.offset),
                          [](const Place& place, const auto& wanted) {
                            return std::pair(place.key, place.offset) < wanted;
                          }) -
         places_.begin();
}

const IndexedLogChecker::Message& IndexedLogChecker::message(const Record& record) const {
  return *std::lower_bound(messages_.begin(), messages_.end(), std::pair(record.key, record.value),
                           [](const Message& message, const auto& wanted) {
                             return std::pair(message.key, message.value) < wanted;
                           });
}

}  // namespace sunder::domain
