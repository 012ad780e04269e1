#pragma once
// Relations between the operations of a small history, as sets of bits.

#include <array>

#include "checker/weak/history.h"

namespace sunder::weak::support {

inline constexpr std::size_t size_max = 16;  // operations of a history that is judged by definition

/// A set of operations: bit i stands for operation i.
using Set = std::uint32_t;

inline Set only(Index operation) { return Set{1} << operation; }
inline Set all_of(const Registers& registers) { return (Set{1} << registers.size()) - 1; }
inline bool contains(Set set, Index operation) { return (set >> operation & 1) != 0; }

/// What comes before each operation.
class Relation {
 public:
  void add(Index before, Index after) { before_[after] |= only(before); }
  bool has(Index before, Index after) const { return contains(before_[after], before); }
  Set before(Index after) const { return before_[after]; }

  bool operator==(const Relation&) const = default;
  Relation operator|(const Relation& other) const;
  bool contains_all(const Relation& other) const;
  /// The pairs whose first operation is in `first` and whose second is in `second`.
  Relation between(Set first, Set second) const;
  /// This relation, then the other: what mathematicians write with a semicolon.
  Relation then(const Relation& other) const;
  Relation closure() const;  // the least transitive relation that contains this one
  bool relates_one_to_itself() const;

 private:
  std::array<Set, size_max> before_{};
};

Set reads_of(const Registers& registers);
Set writes_of(const Registers& registers);
Set on_key(const Registers& registers, std::int32_t key);
Set in_session(const Registers& registers, std::uint32_t session);

Relation session_order(const Registers& registers);
Relation reads_from(const Registers& registers);
Relation real_time(const Registers& registers);
Relation causal_order(const Registers& registers);  // the closure of session order and reads-from

}  // namespace sunder::weak::support
