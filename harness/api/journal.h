#pragma once
// The undo journal: what a run is about to do to a machine, written before it is done.

#include <cstdint>

#include "harness/core/value.h"

namespace sunder {

/// Thread-safe. will() returns when the entry is on disk.
class Journal {
 public:
  virtual ~Journal() = default;
  /// `act` says what is about to be done and how to undo it. Returns the entry's number.
  virtual std::uint64_t will(const Value& act) = 0;
  virtual void undone(std::uint64_t entry) = 0;
};

}  // namespace sunder
