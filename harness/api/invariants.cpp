#include "harness/api/invariants.h"

namespace sunder {
namespace {

constexpr std::size_t kept_max = 10;  // of each of the two kinds

}  // namespace

void BrokenInvariants::add(Instant time, NodeId node, BrokenInvariant broken) {
  bool names_ops = !broken.ops.empty();
  std::size_t alike = names_ops ? with_ops_ : kept_.size() - with_ops_;
  if (alike >= kept_max) return;
  if (names_ops) ++with_ops_;
  broken.sentence = "at " + format_duration(time.time_since_epoch()) + " on " + to_string(node) +
                    ": " + broken.sentence;
  kept_.push_back(std::move(broken));
}

}  // namespace sunder
