#pragma once
// What the models of one order have in common: is there one legal order of all operations that
// contains a base order? The base order is one of chains, with few pairs between them.

#include "checker/weak/finding.h"

namespace sunder::weak::one_order {

enum class Base : std::uint8_t {
  sessions,            // so
  sessions_and_times,  // so, and rt wherever its second operation is a write
  prefixes,            // so but for its pairs of a write and a later read
};

/// A place in the list of all operations in which each chain stands in one piece.
using Slot = std::uint32_t;
inline constexpr Slot nowhere = UINT32_MAX;

/// Operations by chains. A chain is a session; for prefixes a session is two of them, its reads and
/// its writes. A value is the slot of its write, or size() + key for the initial one.
struct Instance {
  Instance(const Registers& registers, Base base);

  Base base;
  std::int32_t keys = 0;
  std::vector<Index> operation;  // by slot, as the next ones
  std::vector<std::uint32_t> chain;
  std::vector<std::int32_t> key;
  std::vector<Slot> value;        // what is written or read
  std::vector<Slot> chain_begin;  // by chain, one more than there are
  std::vector<Slot> earlier;      // prefixes: of a write the last read before it, or nowhere
  // Times: a write comes after the first `returned_before` slots of `by_return`.
  std::vector<std::uint32_t> returned_before;
  std::vector<Slot> by_return;
  std::vector<std::uint32_t> return_rank;  // place in by_return

  std::size_t size() const { return operation.size(); }
  std::size_t chains() const { return chain_begin.size() - 1; }
  bool is_write(Slot at) const { return value[at] == at; }
  bool is_initial(Slot a_value) const { return a_value >= size(); }
  Slot initial_of(std::int32_t a_key) const {
    return static_cast<Slot>(size()) + static_cast<Slot>(a_key);
  }
  /// The reads of a value, ascending.
  std::span<const Slot> readers(Slot a_value) const {
    return std::span(readers_).subspan(readers_begin_[a_value],
                                       readers_begin_[a_value + 1] - readers_begin_[a_value]);
  }
  bool has_previous(Slot at) const { return at != chain_begin[chain[at]]; }
  /// The operation of a value: `initial` of an initial one.
  Index operation_of(Slot a_value) const {
    return is_initial(a_value) ? initial : operation[a_value];
  }
  std::size_t bytes() const { return size() * 40; }

 private:
  void lay_out(const Registers& registers);
  void find_values(const Registers& registers);
  void find_returns(const Registers& registers);

  std::vector<Slot> readers_;
  std::vector<std::uint32_t> readers_begin_;
};

}  // namespace sunder::weak::one_order
