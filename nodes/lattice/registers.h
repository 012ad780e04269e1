#pragma once
// The register whose last writer wins, and the one that keeps concurrent values.

#include <optional>
#include <vector>

#include "harness/core/value.h"
#include "nodes/lattice/config.h"
#include "nodes/lattice/numbers.h"

namespace sunder::lattice {

/// When and where a value was written. The node settles ties, and gives no two writes one time.
struct Stamp {
  std::int64_t time = 0;  // nanoseconds, of a clock as the system's options say
  std::int64_t node = 0;  // index
  auto operator<=>(const Stamp&) const = default;
};

/// RR-7506, section 3: the state-based LWW-register.
class LastWriter {
 public:
  void write(std::int64_t value, const Stamp& stamp, const Flaws& flaws);
  void join(const LastWriter& other, const Flaws& flaws);
  std::int64_t time() const { return stamp_.time; }

  Value answer() const { return value_ ? Value(*value_) : Value(); }
  std::uint64_t fingerprint() const;
  void put(NumberWriter& out) const;
  static LastWriter get(NumberReader& in);
  bool operator==(const LastWriter&) const = default;

 private:
  Stamp stamp_;
  std::optional<std::int64_t> value_;  // none: never written
};

/// A value that no known write has replaced.
struct Sibling {
  clock::DottedVector clock;
  std::int64_t value = 0;
  bool copied = true;  // not written here since the boot; only the flaw of text forms asks
  bool operator==(const Sibling& other) const {
    return clock == other.clock && value == other.value;
  }
};

/// The multi-value register by dotted version vectors ("Dotted Version Vectors", 2010: sync and
/// update). The dots and the pasts of the siblings together cover all that was written.
class Siblings {
 public:
  /// Replaces what the writer knew, its past, and stands beside what it did not.
  void write(Sibling written);
  void join(const Siblings& other, const Flaws& flaws);
  /// The least vector that covers all writes known here: the context of a read.
  clock::VectorClock ceiling() const;
  const std::vector<Sibling>& all() const { return siblings_; }  // in order of their dots
  void use_text_ids();  // a flaw: what a copy does to the names of nodes

  Value answer() const;
  std::uint64_t fingerprint() const;
  void put(NumberWriter& out) const;
  static Siblings get(NumberReader& in);
  bool operator==(const Siblings&) const = default;

 private:
  void insert(const Sibling& sibling, const Flaws& flaws);
  std::vector<Sibling> siblings_;
};

}  // namespace sunder::lattice
