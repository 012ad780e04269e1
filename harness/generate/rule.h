#pragma once
// What the combinators share. Not for users of them.

#include <memory>
#include <optional>
#include <utility>

#include "harness/api/generator.h"

namespace sunder::gen {

template <class R, class... Arguments>
Generator make(Arguments&&... arguments) {
  return Generator(std::make_shared<const R>(std::forward<Arguments>(arguments)...));
}

/// The free thread that an op goes to when nothing else decides it. A hash of the time spreads ops
/// evenly over the threads and so over home nodes: the lowest free thread would do nearly all of a
/// slow load. REQUIRES: some thread is free.
Thread pick_free(const Context& context);
/// Where to begin when several candidates are to be tried in turn: likewise a hash of the time.
std::size_t pick_index(const Context& context, std::size_t count);

/// Collects what several generators offer and keeps the soonest; the first offered wins a tie.
class Soonest {
 public:
  explicit Soonest(Instant now) : now_(now) {}
  /// Returns true when nothing can be sooner, so that no other offer is needed.
  bool offer(std::size_t from, Emission emission) {
    if (std::holds_alternative<Exhausted>(emission)) return false;
    if (std::holds_alternative<Pending>(emission)) {
      pending_ = true;
      return false;
    }
    Ready& ready = std::get<Ready>(emission);
    if (best_ && best_->op.time <= ready.op.time) return false;
    best_ = std::move(ready);
    from_ = from;
    return best_->op.time <= now_;
  }
  void wait() { pending_ = true; }  // something that was not asked may still have more
  bool found() const { return best_.has_value(); }
  Ready& best() { return *best_; }            // REQUIRES: found()
  std::size_t from() const { return from_; }  // REQUIRES: found()
  Emission nothing() const {                  // REQUIRES: !found()
    return pending_ ? Emission{Pending{}} : Emission{Exhausted{}};
  }

 private:
  Instant now_;
  std::optional<Ready> best_;
  std::size_t from_ = 0;
  bool pending_ = false;
};

}  // namespace sunder::gen
