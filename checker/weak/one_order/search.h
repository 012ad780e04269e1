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
  enum class Outcome : std::uint8_t { found, none, over };

  /// Lessons may be given; they must be true within their components. Ranks: one for each slot.
  Search(const Instance& instance, const Components& components, Lessons& lessons,
         std::span<const std::uint32_t> ranks, const Limits& limits);

  Outcome run();

  const Schedule& schedule() const { return schedule_; }
  std::size_t dead_ends() const { return dead_ends_; }
  std::size_t undone() const { return undone_; }
  /// Of `none`: the component that has no legal order; the last lesson says why.
  std::uint32_t refuted() const { return component_; }
  std::size_t largest() const { return largest_; }  // the most that were performed at once

 private:
  using List = std::uint32_t;  // of waiting chains: a slot, or size() + key
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
  List waits_at(Slot slot) const;
  void queue(std::uint32_t chain);
  void examine(std::uint32_t chain);
  void perform(Slot slot);
  void wake(List list);
  void enlist(std::uint32_t chain, List list);
  void unlist(std::uint32_t chain);
  bool perform_next();
  bool learn();
  void undo_to(std::span<const Pair> pairs);

  const Instance& instance_;
  const Components& components_;
  Lessons& lessons_;
  std::span<const std::uint32_t> ranks_;
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
  std::uint32_t component_ = 0;
  std::size_t first_active_ = 0;
  std::size_t dead_ends_ = 0;
  std::size_t undone_ = 0;
  std::size_t largest_ = 0;
  std::uint32_t ticks_ = 0;
};

}  // namespace sunder::weak::one_order
