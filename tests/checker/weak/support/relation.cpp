#include "tests/checker/weak/support/relation.h"

namespace sunder::weak::support {

Relation Relation::operator|(const Relation& other) const {
  Relation both = *this;
  for (std::size_t i = 0; i < size_max; ++i) both.before_[i] |= other.before_[i];
  return both;
}

bool Relation::contains_all(const Relation& other) const {
  for (std::size_t i = 0; i < size_max; ++i) {
    if ((other.before_[i] & ~before_[i]) != 0) return false;
  }
  return true;
}

Relation Relation::between(Set first, Set second) const {
  Relation some;
  for (Index i = 0; i < size_max; ++i) {
    if (contains(second, i)) some.before_[i] = before_[i] & first;
  }
  return some;
}

Relation Relation::then(const Relation& other) const {
  Relation composed;
  for (std::size_t i = 0; i < size_max; ++i) {
    for (Index middle = 0; middle < size_max; ++middle) {
      if (contains(other.before_[i], middle)) composed.before_[i] |= before_[middle];
    }
  }
  return composed;
}

Relation Relation::closure() const {
  Relation closed = *this;
  for (Index middle = 0; middle < size_max; ++middle) {
    for (std::size_t i = 0; i < size_max; ++i) {
      if (contains(closed.before_[i], middle)) closed.before_[i] |= closed.before_[middle];
    }
  }
  return closed;
}

bool Relation::relates_one_to_itself() const {
  for (Index i = 0; i < size_max; ++i) {
    if (has(i, i)) return true;
  }
  return false;
}

namespace {

template <class Test>
Set those(const Registers& registers, Test test) {
  Set set = 0;
  for (Index i = 0; i < registers.size(); ++i) {
    if (test(registers[i])) set |= only(i);
  }
  return set;
}

template <class Test>
Relation pairs(const Registers& registers, Test test) {
  Relation relation;
  for (Index a = 0; a < registers.size(); ++a) {
    for (Index b = 0; b < registers.size(); ++b) {
      if (test(a, b)) relation.add(a, b);
    }
  }
  return relation;
}

}  // namespace

Set reads_of(const Registers& registers) {
  return those(registers, [](const Operation& operation) { return operation.is_read(); });
}

Set writes_of(const Registers& registers) {
  return those(registers, [](const Operation& operation) { return operation.is_write(); });
}

Set on_key(const Registers& registers, std::int32_t key) {
  return those(registers, [&](const Operation& operation) { return operation.key == key; });
}

Set in_session(const Registers& registers, std::uint32_t session) {
  return those(registers, [&](const Operation& operation) { return operation.session == session; });
}

Relation session_order(const Registers& registers) {
  return pairs(registers, [&](Index a, Index b) {
    return a < b && registers[a].session == registers[b].session;
  });
}

Relation reads_from(const Registers& registers) {
  return pairs(registers, [&](Index a, Index b) {
    return registers[b].is_read() && registers[b].source == a;
  });
}

Relation real_time(const Registers& registers) {
  return pairs(registers,
               [&](Index a, Index b) { return registers[a].returned < registers[b].invoked; });
}

Relation causal_order(const Registers& registers) {
  return (session_order(registers) | reads_from(registers)).closure();
}

}  // namespace sunder::weak::support
