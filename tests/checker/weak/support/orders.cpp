#include "tests/checker/weak/support/orders.h"

namespace sunder::weak::support {
namespace {

/// The writes of each key that came last.
using Last = std::array<Index, size_max>;

class LegalOrder {
 public:
  LegalOrder(const Registers& registers, Set members, const Relation& relation, Set judged)
      : registers_(registers), members_(members), relation_(relation), judged_(judged) {
    last_.fill(initial);
  }

  bool go_on(Set placed) {
    if (placed == members_) return true;
    for (Index next = 0; next < registers_.size(); ++next) {
      if (!contains(members_ & ~placed, next) || !is_possible(placed, next)) continue;
      auto& last = last_[static_cast<std::size_t>(registers_[next].key)];
      Index kept = last;
      if (registers_[next].is_write()) last = next;
      bool found = go_on(placed | only(next));
      last = kept;
      if (found) return true;
    }
    return false;
  }

 private:
  bool is_possible(Set placed, Index next) const {
    if ((relation_.before(next) & members_ & ~placed) != 0) return false;
    const Operation& operation = registers_[next];
    bool reads = operation.is_read() && contains(judged_, next);
    return !reads || last_[static_cast<std::size_t>(operation.key)] == operation.source;
  }

  const Registers& registers_;
  Set members_;
  const Relation& relation_;
  Set judged_;
  Last last_;
};

class Arbitration {
 public:
  Arbitration(const Registers& registers, const Relation& relation, const Relation& seen)
      : registers_(registers), relation_(relation), seen_(seen) {}

  bool go_on(Set placed) const {
    if (placed == all_of(registers_)) return true;
    for (Index next = 0; next < registers_.size(); ++next) {
      if (contains(placed, next) || (relation_.before(next) & ~placed) != 0) continue;
      if (comes_too_late(placed, next)) continue;
      if (go_on(placed | only(next))) return true;
    }
    return false;
  }

 private:
  // Whether some read saw this write, though its source is ordered already.
  bool comes_too_late(Set placed, Index write) const {
    if (!registers_[write].is_write()) return false;
    for (Index read = 0; read < registers_.size(); ++read) {
      const Operation& operation = registers_[read];
      if (!operation.is_read() || operation.key != registers_[write].key) continue;
      if (operation.source == write || !seen_.has(write, read)) continue;
      if (operation.source == initial || contains(placed, operation.source)) return true;
    }
    return false;
  }

  const Registers& registers_;
  const Relation& relation_;
  const Relation& seen_;
};

}  // namespace

bool legal_order_exists(const Registers& registers, Set members, const Relation& relation,
                        Set judged) {
  return LegalOrder(registers, members, relation, judged).go_on(0);
}

bool arbitration_exists(const Registers& registers, const Relation& relation,
                        const Relation& seen) {
  return Arbitration(registers, relation, seen).go_on(0);
}

bool order_exists(const Registers& registers, const Relation& relation) {
  return legal_order_exists(registers, all_of(registers), relation, 0);
}

}  // namespace sunder::weak::support
