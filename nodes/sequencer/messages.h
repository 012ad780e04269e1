#pragma once
// Between the nodes of the sequencer. The sender stands in the envelope.

#include <cstdint>
#include <tuple>
#include <vector>

#include "harness/core/codec.h"
#include "nodes/kv/bytes.h"

namespace sunder::sequencer {

/// A write in the total order. (node, boot, number) names it: a node numbers what it submits.
struct Entry {
  std::int64_t epoch = 0;  // of the sequencer that gave it its place
  std::int64_t node = -1;  // that submitted it; -1: opens an epoch and writes nothing
  std::int64_t boot = 0;
  std::int64_t number = 0;
  std::int64_t key = 0;
  std::int64_t value = 0;
  static constexpr auto fields() {
    return std::tuple{field("epoch", &Entry::epoch),   field("node", &Entry::node),
                      field("boot", &Entry::boot),     field("number", &Entry::number),
                      field("key", &Entry::key),       field("value", &Entry::value)};
  }
  bool operator==(const Entry&) const = default;
};

inline void put_entry(ByteWriter& out, const Entry& entry) {
  for (std::int64_t number : {entry.epoch, entry.node, entry.boot, entry.number, entry.key,
                              entry.value}) {
    out.number(number);
  }
}

inline Entry get_entry(ByteReader& in) {
  Entry entry;
  for (std::int64_t* number : {&entry.epoch, &entry.node, &entry.boot, &entry.number, &entry.key,
                               &entry.value}) {
    *number = in.number();
  }
  return entry;
}

/// Give this write a place.
struct Submit {
  static constexpr std::string_view type = "sequencer_submit";
  Entry entry;  // without an epoch
  static constexpr auto fields() { return std::tuple{field("entry", &Submit::entry)}; }
  bool operator==(const Submit&) const = default;
};

/// The write has a place in the sequencer's log, and no more than that.
struct Submitted {
  static constexpr std::string_view type = "sequencer_submitted";
  std::int64_t boot = 0;
  std::int64_t number = 0;
  static constexpr auto fields() {
    return std::tuple{field("boot", &Submitted::boot), field("number", &Submitted::number)};
  }
  bool operator==(const Submitted&) const = default;
};

/// Asks for a majority to open an epoch, whose sequencer is the sender.
struct Prepare {
  static constexpr std::string_view type = "sequencer_prepare";
  std::int64_t epoch = 0;
  std::int64_t last_epoch = 0;  // of the last entry of the sender's log
  std::int64_t last_index = 0;
  static constexpr auto fields() {
    return std::tuple{field("epoch", &Prepare::epoch), field("last_epoch", &Prepare::last_epoch),
                      field("last_index", &Prepare::last_index)};
  }
  bool operator==(const Prepare&) const = default;
};

struct Promise {
  static constexpr std::string_view type = "sequencer_promise";
  std::int64_t epoch = 0;  // no older epoch's sequencer will be heard
  bool granted = false;    // and the asker's log has all that the promiser's has
  static constexpr auto fields() {
    return std::tuple{field("epoch", &Promise::epoch), field("granted", &Promise::granted)};
  }
  bool operator==(const Promise&) const = default;
};

/// Entries after `previous_index`, and how far the order is decided. Without entries: a heartbeat.
struct Append {
  static constexpr std::string_view type = "sequencer_append";
  std::int64_t epoch = 0;
  std::int64_t previous_index = 0;
  std::int64_t previous_epoch = 0;
  std::int64_t commit = 0;
  std::vector<Entry> entries;
  static constexpr auto fields() {
    return std::tuple{field("epoch", &Append::epoch),
                      field("previous_index", &Append::previous_index),
                      field("previous_epoch", &Append::previous_epoch),
                      field("commit", &Append::commit), field("entries", &Append::entries)};
  }
  bool operator==(const Append&) const = default;
};

struct Appended {
  static constexpr std::string_view type = "sequencer_appended";
  std::int64_t epoch = 0;
  bool matches = false;
  std::int64_t index = 0;  // held durably up to here; of a mismatch: where to try next
  static constexpr auto fields() {
    return std::tuple{field("epoch", &Appended::epoch), field("matches", &Appended::matches),
                      field("index", &Appended::index)};
  }
  bool operator==(const Appended&) const = default;
};

}  // namespace sunder::sequencer
