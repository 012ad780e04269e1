#pragma once
// What faults of clocks share: reading clocks back, setting them right, and courses that go wrong.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "harness/api/nemesis.h"
#include "nemesis/policy/acts.h"

namespace sunder {

using Offsets = std::map<NodeId, Duration>;
Offsets offsets_of(const Reports& reports);
Value nanoseconds_of(const Offsets& offsets);
/// Whether an offset is as wanted, as exactly as a clock can be read over a network.
bool near(Duration a, Duration b);

/// Either sign, and every order of magnitude from the least to the largest equally likely.
Duration draw_magnitude(Duration least, Duration largest, Rng& rng);

/// Acts on the nodes, waits until their offsets are as wanted and completes the op with the report.
void set_clocks(Cluster& cluster, FaultReport report, const std::vector<NodeId>& nodes,
                const ActOn& act, Offsets wanted, std::function<void(Outcome)> complete);

/// Sets all clocks right, whoever bent them, and proves it.
void reset_clocks(std::string kind, FaultScene& scene, std::function<void(Outcome)> complete);

/// A fault that puts clocks on a wrong course for a while.
struct CourseFault {
  std::string name;
  std::string summary;
  std::string begin;  // verb; the end's is reset-clock
  std::vector<OptionSpec> options;
  std::function<ClockCourse(const Options&, Rng&)> draw;  // for one fault
  bool either_way = false;  // every target goes the drawn way or the opposite one
};
/// Confirmed when the targets' clocks, read several times, went as they were told to; ended when
/// all clocks are right. Not part of `all`.
Nemesis course_nemesis(const CourseFault& fault);

}  // namespace sunder
