#pragma once
// The operations that were performed so far, in order, and what the keys then hold.

#include "checker/weak/one_order/instance.h"

namespace sunder::weak::one_order {

/// Legal by construction: a read is performed only while its value is the present one, and a write
/// only when all reads of the present value have been.
class Schedule {
 public:
  explicit Schedule(const Instance& instance);

  Slot front(std::uint32_t chain) const { return front_[chain]; }
  bool done(Slot value) const {
    return instance_.is_initial(value) || value < front_[instance_.chain[value]];
  }
  Slot present(std::int32_t key) const { return present_[at(key)]; }
  bool has_unread(std::int32_t key) const { return unread_[at(key)] > 0; }  // pending reads
  /// When an operation was performed. REQUIRES: done(slot)
  std::uint32_t when(Slot slot) const { return when_[slot]; }
  std::size_t length() const { return steps_.size(); }
  /// Of times: the first operation by return that was not performed.
  Slot first_not_returned() const { return instance_.by_return[returned_]; }
  std::uint32_t returned() const { return returned_; }

  void perform(Slot slot);
  Slot undo();  // the last step
  std::vector<Slot> order() const;

 private:
  struct Step {
    Slot slot;
    Slot overwritten;  // of a write
  };
  static std::size_t at(std::int32_t key) { return static_cast<std::size_t>(key); }

  const Instance& instance_;
  std::vector<Slot> front_;            // by chain
  std::vector<Slot> present_;          // by key
  std::vector<std::uint32_t> unread_;  // by key
  std::vector<std::uint32_t> when_;    // by slot
  std::vector<Step> steps_;
  std::uint32_t returned_ = 0;
};

}  // namespace sunder::weak::one_order
