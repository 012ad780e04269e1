#pragma once
// What all parts of one simulated world share: the seed, virtual time, the events and the digest.

#include <cstdint>
#include <string_view>

#include "harness/core/digest.h"
#include "harness/core/rng.h"
#include "harness/core/time.h"
#include "harness/core/value.h"
#include "harness/sim/event_queue.h"

namespace sunder {

struct Kernel {
  explicit Kernel(std::uint64_t root_seed) : seed(root_seed) {}

  std::uint64_t push(Duration delay, EventKind kind, std::size_t target, std::uint32_t slot) {
    return events.push(now + delay, kind, target, slot);
  }

  std::uint64_t seed;
  Instant now = at_start;
  EventQueue events;
  Digest digest;
};

/// Hashes of texts that are mostly string literals: looked up by address, computed from content, so
/// that the answer never depends on where a literal lies.
class LiteralHashes {
 public:
  std::uint64_t of(std::string_view text) {
    auto address = reinterpret_cast<std::uintptr_t>(text.data());
    Entry& entry = entries_[(address ^ (address >> 6)) % entries_.size()];
    if (entry.text.data() != text.data() || entry.text.size() != text.size()) {
      Digest digest;
      digest.add(text);
      entry = Entry{text, digest.value()};
    }
    return entry.hash;
  }

 private:
  struct Entry {
    std::string_view text;
    std::uint64_t hash = 0;
  };
  std::array<Entry, 64> entries_{};
};

void add_to(Digest& digest, const Value& value);

}  // namespace sunder
