#pragma once
// What each session must have seen before what, as far as the coherence of the keys is decided.

#include <vector>

#include "checker/weak/finding.h"

namespace sunder::weak::processor {

/// One relation for each session, over all writes and the session's own operations; all contain
/// what is decided of the order of each key's writes. Transitively closed, as bits.
class Views {
 public:
  explicit Views(const Registers& registers);

  static std::size_t bytes(const Registers& registers);

  /// Adds what follows from what is there, to a fixed point, or as much as there is time for. False
  /// when some operation of a view would come before itself.
  bool settle(const Limits& limits);

  /// In all views. REQUIRES: two writes of a key. False as above.
  bool order(Index first, Index second);

  /// Two writes of a key whose order is open; false when there are none.
  bool find_open(Index& first, Index& second) const;

 private:
  using Word = std::uint64_t;

  std::size_t row(std::uint32_t view, Index at) const {
    return (static_cast<std::size_t>(view) * size_ + at) * words_;
  }
  bool reaches(std::uint32_t view, Index from, Index to) const {
    return (bits_[row(view, from) + to / 64] >> (to % 64) & 1) != 0;
  }
  bool is_in(std::uint32_t view, Index at) const {
    return registers_->operations[at].is_write() || registers_->operations[at].session == view;
  }
  bool add(std::uint32_t view, Index before, Index after);
  void add_sessions(std::uint32_t view);
  void add_reads(std::uint32_t view);
  bool settle_writes(std::int32_t key, const Limits& limits);
  bool settle_read(Index read);
  std::span<const Index> writes_of(std::int32_t key) const {
    return writes_[static_cast<std::size_t>(key)];
  }

  const Registers* registers_;
  std::size_t size_;
  std::size_t words_;
  std::vector<Word> bits_;
  std::vector<std::vector<Index>> writes_;  // by key
  bool broken_ = false;
  bool changed_ = false;
};

/// Tries all orders of each key's writes that the views leave open, one pair after the other.
Finding decide_by_views(const Registers& registers, const Limits& limits);

}  // namespace sunder::weak::processor
