#pragma once
// The search for a legal order: performs operations one after the other, and learns from dead ends.

#include "checker/weak/one_order/components.h"
#include "checker/weak/one_order/conflict.h"

namespace sunder::weak::one_order {

/// Reads are performed as soon as they can be; so are writes that nobody reads, which leave nothing
/// to be done. Where other writes could be next, the one of the lowest rank is. When nothing can be
/// performed, some operations wait for each other in a circle. Such a circle stands on pairs of
/// writes whose order was chosen; that at least one of them must be the other way round is a lesson
/// for good, and what came after the latest choice among them is undone. Every lesson excludes the
/// present schedule and all that begin like it, so the search ends: with an order of all
/// operations, or with a lesson that leaves no choice. It is conflict-driven clause learning
/// (Marques-Silva and Sakallah, ICCAD 1996) with orders of writes as its variables.
class Search {
 public:
  enum class Outcome : std::uint8_t { found, none, impatient, over };

  /// Lessons may be given; they must be true within their components. Ranks: one for each slot.
  Search(const Instance& instance, const Components& components, Lessons& lessons,
         std::vector<std::uint32_t> ranks, const Limits& limits);

  /// Impatient after so many dead ends, or when about as many operations were undone for them as
  /// there are in all, times 16. What was learnt helps the next search.
  Outcome run(std::size_t dead_ends_limit);

  const Schedule& schedule() const { return schedule_; }
  std::size_t dead_ends() const { return dead_ends_; }
  std::size_t undone() const { return undone_; }
  std::size_t most_done() const { return most_done_; }  // operations in one schedule

 private:
  using List = std::uint32_t;  // of chains that wait for a slot; or size() + key: for its reads
  struct Place {
    List list = nowhere;
    std::uint32_t next = nowhere;
    std::uint32_t previous = nowhere;
  };
  struct Ready {
    std::uint32_t rank;
    Slot slot;
    bool operator>(const Ready& other) const {
      return std::pair(rank, slot) > std::pair(other.rank, other.slot);
    }
  };

  Outcome run_component(std::span<const Slot> slots);
  void begin_component(std::span<const Slot> slots);
  bool is_over();
  bool is_impatient() const;
  List waits_at(Slot slot) const;
  bool is_front(Slot slot) const;
  void queue(std::uint32_t chain);
  void examine(std::uint32_t chain);
  void perform(Slot slot);
  void wake(Slot slot);
  void wake_writer(std::int32_t key);
  void wait_at(List list, Slot slot);
  void enlist(std::uint32_t chain, List list);
  void unlist(std::uint32_t chain);
  bool perform_next();
  bool learn();
  void undo_to(std::span<const Pair> pairs);

  const Instance& instance_;
  const Components& components_;
  Lessons& lessons_;
  std::vector<std::uint32_t> ranks_;
  const Limits& limits_;
  Schedule schedule_;
  Conflict conflict_;
  std::vector<Slot> end_;      // by chain: of its part in the component
  std::vector<Place> places_;  // by chain
  std::vector<std::uint32_t> lists_;
  std::vector<std::uint32_t> active_;  // chains of the component
  std::vector<std::uint32_t> queue_;
  std::vector<std::uint8_t> queued_;  // by chain
  std::vector<Ready> ready_;          // a heap
  /// By key, heaps: writes that found reads to be done. When these are done, one of the writes gets
  /// ready, and others only after it: thousands may wait.
  std::vector<std::vector<Ready>> writers_;
  std::size_t dead_ends_ = 0;
  std::size_t undone_ = 0;
  std::size_t most_done_ = 0;
  std::size_t dead_ends_limit_ = 0;
  std::uint32_t ticks_ = 0;
};

}  // namespace sunder::weak::one_order
