#pragma once
// What is going to happen, ordered by (time, sequence): a heap of small plain records. Payloads
// stay in slabs of their owners, so that moving entries moves no ownership.

#include <cstdint>
#include <vector>

#include "harness/core/assert.h"
#include "harness/core/time.h"

namespace sunder {

enum class EventKind : std::uint8_t {
  packet,        // slot: the packet; target unused
  probe,         // slot: the probe packet
  timer,         // of a node; slot: its timer
  barrier,       // of a node: a sync is done
  boot,          // of a node
  client_timer,  // of a client's seat; slot: its timer
  op_timeout,    // of a client's seat
  invoke,        // slot: the op
  call,          // slot: the callback
};

struct PendingEvent {
  std::int64_t time = 0;       // nanoseconds
  std::uint64_t sequence = 0;  // unique, so an owner can recognise an event it has given up
  std::uint32_t slot = 0;
  std::uint16_t target = 0;
  EventKind kind = EventKind::packet;
};

/// A 4-ary heap: half the depth of a binary one, and four children share two cache lines.
class EventQueue {
 public:
  bool empty() const { return heap_.empty(); }
  std::int64_t next_time() const { return heap_.front().time; }  // REQUIRES: !empty()

  /// Returns the event's sequence number, never 0.
  std::uint64_t push(Instant time, EventKind kind, std::size_t target, std::uint32_t slot) {
    PendingEvent event{nanoseconds(time), ++sequence_, slot, static_cast<std::uint16_t>(target),
                       kind};
    std::size_t at = heap_.size();
    heap_.push_back(event);
    while (at > 0) {
      std::size_t parent = (at - 1) / 4;
      if (!before(event, heap_[parent])) break;
      heap_[at] = heap_[parent];
      at = parent;
    }
    heap_[at] = event;
    return event.sequence;
  }

  PendingEvent pop() {  // REQUIRES: !empty()
    PendingEvent first = heap_.front();
    PendingEvent last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sink(last);
    return first;
  }

 private:
  static bool before(const PendingEvent& a, const PendingEvent& b) {
    return a.time != b.time ? a.time < b.time : a.sequence < b.sequence;
  }
  // Puts `event` where the root was and restores the order below.
  void sink(const PendingEvent& event) {
    std::size_t size = heap_.size();
    std::size_t at = 0;
    for (;;) {
      std::size_t child = 4 * at + 1;
      if (child >= size) break;
      std::size_t end = child + 4 < size ? child + 4 : size;
      std::size_t least = child;
      for (std::size_t i = child + 1; i < end; ++i) {
        if (before(heap_[i], heap_[least])) least = i;
      }
      if (!before(heap_[least], event)) break;
      heap_[at] = heap_[least];
      at = least;
    }
    heap_[at] = event;
  }

  std::vector<PendingEvent> heap_;
  std::uint64_t sequence_ = 0;
};

/// Objects by small reusable numbers.
template <class T>
class Slab {
 public:
  std::uint32_t put(T object) {
    if (free_.empty()) {
      objects_.push_back(std::move(object));
      return static_cast<std::uint32_t>(objects_.size() - 1);
    }
    std::uint32_t slot = free_.back();
    free_.pop_back();
    objects_[slot] = std::move(object);
    return slot;
  }
  /// Takes the object out and frees its slot.
  T take(std::uint32_t slot) {
    T object = std::move(objects_[slot]);
    objects_[slot] = T{};
    free_.push_back(slot);
    return object;
  }

 private:
  std::vector<T> objects_;
  std::vector<std::uint32_t> free_;
};

}  // namespace sunder
