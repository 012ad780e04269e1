#pragma once
// Looks for one linearization, depth first.

#include <memory>
#include <vector>

#include "checker/linearizable/budget.h"
#include "checker/linearizable/frame.h"
#include "checker/linearizable/stepper.h"

namespace sunder::linearizable {

/// Wing and Gong's search (JPDC 1993) with Lowe's just-in-time rule (Concurrency and Computation
/// 2017): a call is placed only when a return cannot be passed without it. Observations are placed
/// as soon as they are legal; equal crashed calls are counted, not told apart.
///
/// It only ever proves that there is a linearization. What it has seen is kept by hash in a table
/// of bounded size, so not finding one proves nothing: refuting is the refuter's part.
class Finder {
 public:
  enum class Outcome : std::uint8_t {
    found,
    gave_up,  // every way was tried that this search tries
    stalled,  // no return was passed for the first time in that many steps
    over,     // out of budget
  };

  virtual ~Finder() = default;
  /// Goes on from where it stopped.
  virtual Outcome run(std::uint64_t patience) = 0;
  /// The first return that was never passed.
  virtual std::uint32_t deepest() const = 0;
  /// The operations in order of taking effect, once found.
  virtual const std::vector<std::uint32_t>& order() const = 0;
  virtual std::uint64_t steps() const = 0;
};

/// Everything given must outlive it. `thorough`: two ways to the same state that used different
/// crashed calls are different; otherwise only the one that used fewer is followed, which is fast
/// and misses little.
std::unique_ptr<Finder> make_finder(const Frame& frame, Stepper& stepper, const Budget& budget,
                                    bool thorough);

}  // namespace sunder::linearizable
