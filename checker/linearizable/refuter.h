#pragma once
// Follows every linearization at once, return by return, until none is left.

#include <memory>
#include <utility>
#include <vector>

#include "checker/linearizable/budget.h"
#include "checker/linearizable/frame.h"
#include "checker/linearizable/stepper.h"

namespace sunder::linearizable {

/// One way things can stand just before a return.
struct Configuration {
  StateId state = 0;
  std::vector<std::uint32_t> done;  // pending operations that have taken effect, ascending
  /// Crash classes of which so many calls have taken effect; empty when they are not counted.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> used;
};

/// Lowe's just-in-time linearization, breadth first (Concurrency and Computation 2017, section 4):
/// memory follows the concurrency, not the length. A configuration is dropped when another has the
/// same state and the same calls done but used no more crashed calls of any class.
class Refuter {
 public:
  enum class Outcome : std::uint8_t {
    refuted,   // no configuration passes return last()
    survived,  // some pass the frame's last return
    too_wide,  // more configurations at one return than allowed
    over,      // out of budget
  };
  struct Settings {
    bool counted = true;       // false: a crashed call may be used any number of times
    std::size_t width = 1000;  // configurations at one return, those on the way included
  };

  virtual ~Refuter() = default;
  /// From these states at the frame's begin, with nothing done.
  virtual Outcome run(const std::vector<StateId>& initial) = 0;
  /// The return at which it ended.
  virtual std::uint32_t last() const = 0;
  /// All configurations just before a return up to last(), once it refuted.
  virtual std::vector<Configuration> configurations(std::uint32_t barrier) const = 0;
  /// One linearization. REQUIRES: it survived, counted.
  virtual std::vector<std::uint32_t> order() const = 0;
  virtual std::uint64_t steps() const = 0;
};

/// Everything given must outlive it.
std::unique_ptr<Refuter> make_refuter(const Frame& frame, Stepper& stepper, const Budget& budget,
                                      const Refuter::Settings& settings);

}  // namespace sunder::linearizable
