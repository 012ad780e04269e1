// Locks without owners.
//
// A call happens only when it returns: if it does not fit then, a pending call of the other kind
// must happen before it. Nothing is gained by letting more happen, as it can still do so later.

#include "checker/linearizable/monitors/lazy.h"
#include "checker/linearizable/monitors/monitors.h"
#include "checker/linearizable/verbs.h"

namespace sunder::linearizable {
namespace {

class Lock {
 public:
  Lock(std::span<const Operation> operations, std::int64_t places)
      : operations_(operations), free_(places), places_(places), happened_(operations.size()) {}

  Decision run() {
    bool all = walk(
        operations_, [&](std::uint32_t i) { pending(verb(i)).add(i, operations_[i].returned); },
        [&](std::uint32_t i) { return happened_[i] || force(i); });
    if (!all) return {};
    return {.outcome = Decision::Outcome::linearizable, .order = std::move(order_)};
  }

 private:
  std::uint32_t verb(std::uint32_t i) const { return operations_[i].call.verb; }
  Pending& pending(std::uint32_t verb) {
    return verb == lock_verb::acquire ? acquires_ : releases_;
  }
  bool fits(std::uint32_t verb) const {
    return verb == lock_verb::acquire ? free_ > 0 : free_ < places_;
  }
  void happen(std::uint32_t i) {
    happened_[i] = true;
    free_ += verb(i) == lock_verb::acquire ? -1 : 1;
    order_.push_back(i);
  }
  bool force(std::uint32_t i) {
    if (!fits(verb(i))) {
      std::uint32_t first = 0;
      Pending& others =
          pending(verb(i) == lock_verb::acquire ? lock_verb::release : lock_verb::acquire);
      if (!others.take(happened_, first)) return false;
      happen(first);
    }
    happen(i);
    return true;
  }

  std::span<const Operation> operations_;
  std::int64_t free_;
  std::int64_t places_;
  Pending acquires_;
  Pending releases_;
  std::vector<bool> happened_;
  std::vector<std::uint32_t> order_;
};

}  // namespace

Decision lock_monitor(std::span<const Operation> operations, std::int64_t places) {
  return places > 0 ? Lock(operations, places).run() : Decision{};
}

}  // namespace sunder::linearizable
